"""Addresses of triage, mounted at /desk/."""

from django.urls import URLPattern, path

from gezhi.triage.pages import answers, answers_replies, dispatch, models, names, owning, roots, topics

app_name = "triage"
urlpatterns: list[URLPattern] = [
    path("answers/<str:ref>/help/", answers.answer_help, name="answer_help"),
    path("answers/<str:ref>/check/", answers.check, name="answer_check"),
    path("answers/<str:ref>/reword/", answers.reword, name="answer_reword"),
    path("answers/<str:ref>/summary/", answers.summary, name="answer_summary"),
    path("answers/<str:ref>/reply/", answers.propose, name="reply_propose"),
    path("admin/names/", names.overview, name="names"),
    path("admin/names/export.xlsx", names.export, name="names_export"),
    path("admin/names/import/", names.bring, name="names_import"),
    path("admin/names/<uuid:name_id>/end/", names.end, name="name_end"),
    path("admin/replies/", answers_replies.overview, name="replies"),
    path("admin/replies/<uuid:reply_id>/", answers_replies.reply, name="reply"),
    path("admin/replies/<uuid:reply_id>/take/", answers_replies.take, name="reply_take"),
    path("admin/replies/<uuid:reply_id>/drop/", answers_replies.drop, name="reply_drop"),
    path("wrong-dispatch/", dispatch.wrong_dispatch, name="wrong_dispatch"),
    path("wrong-dispatch/cases/", dispatch.wrong_dispatch_cases, name="wrong_dispatch_cases"),
    path("wrong-dispatch/export/", dispatch.wrong_dispatch_export, name="wrong_dispatch_export"),
    path("topics/", topics.topics, name="topics"),
    path("topics/export.xlsx", topics.topics_export, name="topics_export"),
    path("topics/now/", topics.find_now, name="find_now"),
    path("topics/searches/<uuid:search>/progress/", topics.finding, name="finding"),
    path("topics/<uuid:topic>/", topics.topic, name="topic"),
    path("topics/<uuid:topic>/points.geojson", topics.topic_points, name="topic_points"),
    path("topics/<uuid:topic>/merge/", topics.merge, name="merge_topic"),
    path("roots/", roots.roots, name="roots"),
    path("roots/new/", roots.new_root, name="new_root"),
    path("roots/<uuid:root>/", roots.root, name="root"),
    path("roots/<uuid:root>/end/", roots.end, name="end_root"),
    path("admin/responsibilities/", owning.responsibilities, name="responsibilities"),
    path("admin/responsibilities/add/", owning.add, name="responsibility_add"),
    path("admin/responsibilities/import/", owning.import_table, name="responsibilities_import"),
    path("admin/responsibilities/export/", owning.export, name="responsibilities_export"),
    path("admin/responsibilities/grounds/", owning.add_ground, name="ground_add"),
    path("admin/responsibilities/<uuid:owner>/end/", owning.end, name="responsibility_end"),
    path("admin/triage/", models.overview, name="models"),
    path("admin/triage/train/", models.train, name="train"),
    path("admin/triage/progress/", models.progress, name="training_progress"),
    path("admin/triage/<int:version>/", models.model, name="model"),
    path("admin/triage/<int:version>/back/", models.go_back, name="model_back"),
]
