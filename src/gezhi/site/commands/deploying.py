"""`gezhi doctor --deploy`: what a site that others reach needs besides, and what to type."""

import os
import platform
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from gezhi.base import env
from gezhi.site.commands.checks import Finding

SHORTEST_KEY = 40  # signs of the secret key
LEAST_HSTS = 180  # days
LONGEST_SESSION = 24 * 3600
LEAST_DISK = 20  # GB
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})


def findings() -> Iterator[Finding]:
    """Everything, in the order in which it is mended."""
    yield from _reached()
    yield from _secrets()
    yield from _signing_in()
    yield from _limits()
    yield from _database()
    yield from _backups()
    yield from _machine()


def _said(about: str, is_fine: bool, fine: str, wrong: str, mend: str) -> Finding:
    return Finding(about, fine if is_fine else wrong, "" if is_fine else mend)


def _reached() -> Iterator[Finding]:
    """How browsers come: TLS, names, proxies."""
    from django.conf import settings

    yield _said("HTTPS", settings.SECURE, "yes", "no", "GEZHI_HTTPS=yes（反向代理 / behind TLS）")
    days = settings.HSTS_DAYS if settings.SECURE else 0
    yield _said("HSTS", days >= LEAST_HSTS, f"{days} d", f"{days} d", "GEZHI_HSTS_DAYS=365")
    hosts = set(settings.ALLOWED_HOSTS) - _LOCAL
    is_named = bool(hosts) and not any(each.startswith(("*", ".")) for each in hosts)
    said = ", ".join(sorted(hosts)) or "没有 / none"
    yield _said("网址 / hosts", is_named, said, said, "GEZHI_HOSTS=gezhi.example.gov.cn")
    is_https = settings.ADDRESS.startswith("https://")
    said = settings.ADDRESS or "没有 / none"
    yield _said(
        "地址 / address", is_https, said, said, "GEZHI_ADDRESS=https://gezhi.example.gov.cn"
    )
    proxies = ", ".join(map(str, settings.PROXIES))
    wide = [each for each in settings.PROXIES if each.num_addresses > 1 << 24]
    yield _said("代理 / proxies", bool(proxies) and not wide, proxies, proxies or "没有 / none",
                "GEZHI_PROXIES=127.0.0.1（你自己的代理 / your own proxies only）")  # fmt: skip
    inside = [each for each in settings.INSIDE if each.num_addresses > 1 << 16]
    yield _said("内网呼出 / calls inside", not inside, "narrow", ", ".join(map(str, inside)),
                "GEZHI_INSIDE=10.1.2.3（只列要用的地址 / only what is called）")  # fmt: skip


def _secrets() -> Iterator[Finding]:
    """Keys that are long enough and readable by nobody else. Never shown."""
    from django.conf import settings

    key = settings.SECRET_KEY
    is_long = len(key) >= SHORTEST_KEY and len(set(key)) >= 16
    yield _said("签名密钥 / secret key", is_long, f"{len(key)}", f"{len(key)} signs",
                "openssl rand -base64 48 > secret.txt; chmod 600 secret.txt; "
                "GEZHI_SECRET_KEY_FILE=…/secret.txt")  # fmt: skip
    for path in sorted(_secret_files()):
        yield mode_finding(path)
    bare = sorted(name for name in _SECRETS if os.environ.get(name))
    hint = "; ".join(f"{name}_FILE=/run/secrets/…" for name in bare)
    yield Finding("密钥来源 / secrets", ", ".join(bare) or "文件 / files", hint=hint)


# Settings whose values nobody else on the machine should read; a file keeps them from `ps e`.
_SECRETS = ("GEZHI_SECRET_KEY", "DATABASE_URL", "GEZHI_OWNER_DATABASE_URL", "GEZHI_MAIL",
            "GEZHI_SMS", "GEZHI_CHAT", "GEZHI_OIDC_SECRET", "GEZHI_BACKUP_PASSPHRASE")  # fmt: skip


def _secret_files() -> set[Path]:
    from django.conf import settings

    named = {Path(file) for name in _SECRETS if (file := os.environ.get(f"{name}_FILE"))}
    own = {settings.KEY_FILE, settings.BACKUP_KEY, settings.GEZHI_HOME}
    return {path for path in named | own if path.exists()}


def mode_finding(path: Path) -> Finding:
    """Whether nobody but its owner and its group reads it."""
    said = f"{path} {stat.S_IMODE(path.stat().st_mode):o}"
    return _said("文件权限 / mode", not env.is_open(path), said, said, f"chmod o-rwx {path}")


def _signing_in() -> Iterator[Finding]:
    """Second factors, time-outs, nothing of the demo."""
    from django.conf import settings

    yield _said("第二验证 / second factor", settings.SECOND_FACTOR != "none",
                settings.SECOND_FACTOR, "none", "GEZHI_SECOND_FACTOR=roles")  # fmt: skip
    hours = settings.SESSION_COOKIE_AGE / 3600
    yield _said("登录时长 / session", settings.SESSION_COOKIE_AGE <= LONGEST_SESSION,
                f"{hours:g} h", f"{hours:g} h", "docs/settings.md")  # fmt: skip
    is_demo = settings.DEMO or bool(settings.DEMO_PASSWORD)
    yield _said("示范 / demo", not is_demo, "关 / off", "开 / on", "GEZHI_DEMO=no; gezhi up")
    yield from _default_passwords()


def _default_passwords() -> Iterator[Finding]:
    """Whether an account of the demo still opens with the password that everybody knows."""
    from django.conf import settings

    from gezhi.demo.rules import PASSWORD
    from gezhi.people import reads as people
    from gezhi.site import prepare

    about = "默认密码 / default passwords"
    if prepare.waiting_migrations():
        return
    accounts = [account for _role, account in people.demo_accounts(settings.COUNTY)]
    known = [account.login for account in accounts if account.check_password(PASSWORD)]
    yield _said(about, not known, "没有 / none", ", ".join(known),
                "换一个没有示范数据的库 / use a database without the demo")  # fmt: skip


def _limits() -> Iterator[Finding]:
    from django.conf import settings

    names = [name for name in dir(settings) if name.startswith("LIMIT_")] + ["PUZZLE_REPORTS"]
    off = [f"GEZHI_{name}" for name in names if not getattr(settings, name)]
    yield _said("限速 / limits", not off, "开 / on", f"{', '.join(off)} = 0",
                f"unset {' '.join(off)}")  # fmt: skip


def _database() -> Iterator[Finding]:
    """The role the processes have, and whether the line to the database is encrypted."""
    from django.conf import settings
    from django.db import connection

    from gezhi.site import rights

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
        name, is_super = cursor.fetchone()
    excess = rights.excess(connection.connection)
    wrong = "superuser" if is_super else ", ".join(each.table for each in excess)
    yield _said("数据库角色 / database role", not is_super and not excess, name, f"{name}: {wrong}",
                "GEZHI_OWNER_DATABASE_URL=…（docs/settings.md）; gezhi migrate")  # fmt: skip
    database: dict[str, Any] = settings.DATABASES["default"]
    mode = database["OPTIONS"].get("sslmode", "")
    is_near = is_here(database["HOST"])
    is_safe = is_near or mode in ("verify-full", "verify-ca")
    yield _said("数据库连接 / its line", is_safe, "本机 / here" if is_near else mode,
                mode or "未加密 / may be plain", "DATABASE_URL=…?sslmode=verify-full")  # fmt: skip


def is_here(host: str) -> bool:
    """Whether the database is on this machine: a socket or loopback."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _backups() -> Iterator[Finding]:
    from django.conf import settings

    for name, where in (("GEZHI_BACKUP_TO", settings.BACKUP_TO),
                        ("GEZHI_BACKUP_KEYS_TO", settings.BACKUP_KEYS_TO)):  # fmt: skip
        yield _said("备份 / backup", bool(where), f"{name}={where}", f"{name} 没有设置 / not set",
                    f"{name}=/folder（docs/backup.md）")  # fmt: skip


def _machine() -> Iterator[Finding]:
    import shutil
    import ssl

    import django
    from django.conf import settings

    free = shutil.disk_usage(settings.FILES_DIR.parent).free / 1e9
    yield _said("磁盘 / disk", free >= LEAST_DISK, f"{free:.0f} GB", f"{free:.0f} GB",
                f"腾出 {LEAST_DISK} GB / free {LEAST_DISK} GB")  # fmt: skip
    versions = f"Python {platform.python_version()}, Django {django.get_version()}"
    is_new = django.VERSION[:2] >= (5, 2) and ssl.OPENSSL_VERSION_INFO >= (3, 0)
    yield _said("版本 / versions", is_new, f"{versions}, {ssl.OPENSSL_VERSION}",
                f"{versions}, {ssl.OPENSSL_VERSION}", "apt-get upgrade openssl")  # fmt: skip
    yield _said("身份 / user", os.geteuid() != 0, str(os.geteuid()), "root",
                "用普通用户运行 / run it as a user of its own")  # fmt: skip
