"""What `duban import` does once Django is set up: finds the jurisdiction, imports, and says where to look."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid
from duban.intake.actions import AlreadyImported, register_as_read, upload_notice
from duban.intake.models import Notice
from duban.intake.queries import approval_proposal, jurisdiction_named, progress
from duban.matters.actions import NewApproval
from duban.orgs.actions import create_jurisdiction
from duban.orgs.models import Jurisdiction
from duban.orgs.rules import Level
from duban.reading import NotReadable, read_notice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asked for; what is empty is taken from the notice."""

    jurisdiction: str = ""
    year: int | None = None
    is_confirmed: bool = False
    basis: str = ""
    approved_by_name: str = ""
    approved_on: date | None = None
    document_number: str = ""


def import_file(data: bytes, *, file_name: str, wanted: Wanted) -> str:
    """Import one file and return what to say about it. Raises DomainError; then nothing of it was imported."""
    _prepare_tables()
    now = clock.now()
    with transaction.atomic():
        jurisdiction = _jurisdiction(data, file_name=file_name, name=wanted.jurisdiction)
        try:
            notice = upload_notice(jurisdiction, data=data, file_name=file_name, year=wanted.year, by=SYSTEM, now=now)
        except AlreadyImported as error:
            earlier = error.theirs
            where = f"\n{_desk(earlier)}" if isinstance(earlier, Notice) else ""
            raise AlreadyImported(f"{error.message}{where}", theirs=earlier) from error
        lines = _told(notice)
        if wanted.is_confirmed:
            plan = register_as_read(notice, approval=_approval(notice, wanted), by=SYSTEM, now=now)
            lines.append(f"已全部确认并立项：{plan}，{plan.matters.count()} 项。打开台账：/ledger/")
        else:
            lines.append(f"等待核对。{_desk(notice)}")
    return "\n".join(lines)


def _prepare_tables() -> None:
    """Make the tables in a new data folder; an older database is not changed in passing."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if executor.loader.applied_migrations:
        raise Invalid("数据库还是旧版本，请先运行 duban up 或 duban manage migrate 升级。")
    call_command("migrate", verbosity=0, interactive=False)


def _jurisdiction(data: bytes, *, file_name: str, name: str) -> Jurisdiction:
    """Return the jurisdiction named, else the one the issuer names, made where the house is still empty."""
    known = list(Jurisdiction.objects.order_by("pk"))
    if name:
        named = [one for one in known if name in (one.name, one.short_name)]
        if named:
            return named[0]
        return create_jurisdiction(name, short_name=name, level=Level.COUNTY, by=SYSTEM, now=clock.now())
    try:
        header = read_notice(data, file_name=file_name).as_json()["notice"]
    except NotReadable as error:
        raise Invalid(error.message_zh, field="file") from error
    place = jurisdiction_named(header)
    meant = [one for one in known if place and (one.name == place.name or one.short_name == place.short_name)]
    if len(meant) == 1:
        return meant[0]
    if place is None and len(known) == 1:
        return known[0]
    if known or place is None:
        read = f"发文机关是“{header['issuer']}”，" if header["issuer"] else "没有读到发文机关，"
        names = f"（已有：{'、'.join(one.name for one in known)}）" if known else ""
        raise Invalid(f"{read}不能确定辖区，请用 --jurisdiction 指明{names}。没有导入。", field="jurisdiction")
    return create_jurisdiction(place.name, short_name=place.short_name, level=place.level, by=SYSTEM, now=clock.now())


def _approval(notice: Notice, wanted: Wanted) -> NewApproval:
    proposed = approval_proposal(notice)
    approved_on = wanted.approved_on or proposed.approved_on
    basis, approved_by_name = wanted.basis or proposed.basis, wanted.approved_by_name or proposed.approved_by_name
    missing = [
        option
        for option, value in (("--basis", basis), ("--approved-by", approved_by_name), ("--approved-on", approved_on))
        if not value
    ]
    if missing or approved_on is None:
        raise Invalid(f"通知没有写明由谁、何时同意，请补上 {' '.join(missing)}。没有导入。", field="approval")
    return NewApproval(
        basis=basis,
        approved_by_name=approved_by_name,
        approved_on=approved_on,
        document_number=wanted.document_number or notice.document_number,
    )


def _told(notice: Notice) -> list[str]:
    """Return what was read, in two lines."""
    state = progress(notice)
    declared = notice.header.get("declared_items")
    total = f"{state.rows} / {declared} 项" if declared else f"{state.rows} 项"
    number = f"（{notice.document_number}）" if notice.document_number else ""
    return [
        f"已导入：{notice.title}{number}",
        f"{notice.jurisdiction.name} {notice.year} 年，{total}；疑点 {state.open_findings} 处，"
        f"待认定名称 {state.undecided_names} 个，待确认单元格 {state.unconfirmed_cells} 个。",
    ]


def _desk(notice: Notice) -> str:
    return f"核对台：/notices/{notice.pk}/desk/（数据目录 {settings.DATA_DIR}，用 duban up 打开）"
