"""Queue and job names, the only place that knows them. A job takes one outbox id and nothing else.

One queue a worker: RQ can lose a job between two queues. Each job's dotted name is resolved by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

PHOTOS = "photos"  # decoding: slow, memory-hungry
READING = "reading"  # what is written on pages: its worker holds a model, and nobody waits behind it
MESSAGES = "messages"  # waits for other people's servers, and people wait for it
OFFICE = "office"  # everything else
QUEUES = (PHOTOS, READING, MESSAGES, OFFICE)
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A job: `function(outbox_id: str) -> None`, safe to run twice and at once. `awaited`: somebody has asked for it
    and looks at a page until it is done, so that it goes before what nobody looks at."""

    name: str
    function: str
    queue: str
    timeout: int  # seconds
    awaited: bool = False


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("process_page", "workers.photos.process_page", PHOTOS, 60),
        Job("read_page", "workers.ocr.job.read_page", READING, 100),  # two pages: the waiting person's goes first
        Job("check_application", "workers.completeness.check_application", OFFICE, 60),
        Job("assemble_workbook", "workers.workbooks.assemble_workbook", OFFICE, 600),
        Job("assemble_report", "workers.reports.assemble_report", OFFICE, 600),
        Job("carry_bulk", "workers.bulk.carry_bulk", OFFICE, 600, awaited=True),
        Job("make_export", "workers.exports.make_export", OFFICE, 600, awaited=True),
        Job("bind_volume", "workers.volumes.bind_volume", OFFICE, 300, awaited=True),
        Job("bind_unit", "workers.unit_papers.bind_unit", OFFICE, 600),
        Job("deliver_notice", "workers.delivery.deliver_notice", MESSAGES, 300),
        Job("send_reply", "workers.sending.send_reply", MESSAGES, 300),
        Job("tell_unit", "workers.unit_news.tell_unit", OFFICE, 120),
        Job("send_letter", "workers.letters.send_letter", MESSAGES, 300),
        Job("test_channel", "workers.channel_tests.test_channel", MESSAGES, 300),
        Job("pull_kefu", "workers.pulling.pull_kefu", MESSAGES, 300),
        Job("seal_again", "workers.resealing.seal_again", OFFICE, 300),
        Job("read_return", "workers.returns.read_return", OFFICE, 180, awaited=True),
        Job("read_template", "workers.templates.read_template", OFFICE, 60, awaited=True),
        Job("try_template", "workers.templates.try_template", OFFICE, 60, awaited=True),
        Job("read_batch", "workers.batches.read_batch", OFFICE, 120, awaited=True),
        Job("enter_batch", "workers.batches.enter_batch", OFFICE, 120, awaited=True),
        Job("find_doubles", "workers.doubles.find_doubles", OFFICE, 60),
        Job("find_elsewhere", "workers.doubles.find_elsewhere", OFFICE, 60),
        Job("sweep_elsewhere", "workers.doubles.sweep_elsewhere", OFFICE, 600),
        Job("move_draft", "workers.moving.move_draft", OFFICE, 60),
        Job("remind_draft", "workers.reminders.remind_draft", OFFICE, 60),
    )
}
# What is handed over has a share for each of these: a backlog of photographs keeps nothing else back.
SHARES: tuple[tuple[str, ...], ...] = (
    tuple(job.name for job in JOBS.values() if job.awaited),
    *(tuple(job.name for job in JOBS.values() if job.queue == name and not job.awaited) for name in QUEUES),
)
