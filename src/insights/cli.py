"""The shell: five verbs that only call the rooms. Paths are read against the caller's folder."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import duckdb

from insights.words import _

Arguments = argparse.Namespace


class Parser(argparse.ArgumentParser):
    """Says in one line what was mistyped and exits 1: 2 means quarantined rows here."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        self.exit(1, _("insights: {message} (see {verb} --help)\n").format(
            message=message, verb=self.prog))  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; what cannot be done is told in one line."""
    _print_what_can_be()
    asked = _parser().parse_args(arguments)
    _stop_when_told()
    try:
        return int(asked.run(asked))
    except (ValueError, OSError, duckdb.Error) as error:
        words = " ".join(str(error).split())
        if isinstance(error, duckdb.Error):
            words += _("; `insights check --source …` names the row")
        print(_("insights: {words}").format(words=words), file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print(_("insights: stopped; the same command goes on from here"), file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)


def _print_what_can_be() -> None:
    """Let a file or an old terminal that lacks a character show another: nothing ends for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _stop_when_told() -> None:
    """Let a scheduler's order to end (SIGTERM) stop a run as Ctrl-C does."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def demo(asked: Arguments) -> int:
    """Simulate the demo company."""
    from insights.demo import DEFAULT_SEED, simulate

    folder = Path.cwd() / asked.to
    simulate(folder, asked.scale, DEFAULT_SEED if asked.seed is None else asked.seed)
    print(_("demo company written to {folder}").format(folder=folder))
    return 0


def ingest(asked: Arguments) -> int:
    """Turn raw exports into canonical tables, or draft a mapping of their headers."""
    from insights.params import load_params

    mapping = Path.cwd() / asked.mapping if asked.mapping else None
    params = load_params(_profile(asked.profile))
    if asked.draft:
        from insights.ingest import draft_mapping

        book = Path.cwd() / asked.draft
        print(draft_mapping(Path.cwd() / asked.raw, book, mapping, params.privacy))
        return 0
    from insights.ingest import ingest_folder

    report = ingest_folder(
        Path.cwd() / asked.raw, Path.cwd() / asked.to, mapping,
        params.privacy, params.names, params.writing,
    )  # fmt: skip
    print(report)
    return int(report.exit_code)


def erase(asked: Arguments) -> int:
    """Erase what is older than its retention, or everything of one contact."""
    from insights.ingest.privacy import erase, erase_contact
    from insights.params import load_params

    folder, dry = Path.cwd() / asked.source, not asked.yes
    kept = load_params(_profile(asked.profile)).privacy
    if asked.contact:
        print(erase_contact(folder, asked.contact, dry_run=dry))
        return 0
    print(erase(folder, kept.retention_months, asked.as_of, kept.retention_tables, dry_run=dry))
    return 0


def check(asked: Arguments) -> int:
    """Say whether a source can be reported on, and print every fault."""
    from insights.check import check_quality, quality_lines
    from insights.params import load_params
    from insights.tables import connect

    gates = load_params(_profile(asked.profile)).gates
    found = check_quality(connect(_source(asked.source)), asked.as_of, gates, asked.profile)
    if asked.html:
        from insights.report import write_quality_page

        write_quality_page(found, Path.cwd() / asked.html)
    print("\n".join(quality_lines(found)))
    return 2 if len(found.faults) else 0


def report(asked: Arguments) -> int:
    """Run notebooks for regions into a pack of pages."""
    from insights.report import render

    batch = render(
        notebooks=[_notebook(name) for name in asked.notebooks],
        regions=asked.region,
        as_of=asked.as_of,
        source=_source(asked.source),
        profile=_profile(asked.profile),
        to=Path.cwd() / asked.to,
        jobs=asked.jobs,
        pack=asked.pack,
        resume=asked.resume,
        accept_stale=asked.accept_stale,
        publish_partial=asked.publish_partial,
        log=Path.cwd() / asked.log if asked.log else None,
        scheduler=asked.scheduler,
    )
    print(batch)
    return batch.exit_code


def _source(text: str) -> str:
    """Return a path that is there from here as absolute; else the project's path or a name."""
    return str(Path(text).resolve()) if Path(text).exists() else text


def _notebook(text: str) -> str:
    is_path = text.endswith(".ipynb") and Path(text).exists()
    return str(Path(text).resolve()) if is_path else text


def _profile(text: str) -> str:
    is_path = text.endswith((".yaml", ".yml")) and Path(text).exists()
    return str(Path(text).resolve()) if is_path else text


def _parser() -> Parser:
    parser = Parser(
        prog="insights",
        description=_("Analytics for hospital, pharma and medical-device sales teams."),
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(required=True, metavar=_("VERB"))
    add = partial(verbs.add_parser, allow_abbrev=False)
    _add_demo(add("demo", help=_("simulate a company with known truths")))
    _add_ingest(add("ingest", help=_("turn raw exports into canonical tables")))
    _add_erase(add("erase", help=_("take out what is older than its retention, or one contact")))
    _add_check(add("check", help=_("say whether a source can be reported on")))
    _add_report(add("report", help=_("run notebooks for regions into a pack")))
    return parser


def _add_demo(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--to", default="data/demo", help=_("folder to write to"))
    verb.add_argument("--scale", type=float, default=1.0, help=_("multiplies the customers"))
    verb.add_argument("--seed", type=int, help=_("same seed, same bytes"))
    verb.set_defaults(run=demo)


def _add_ingest(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("raw", metavar="RAW_DIR", help=_("folder of CSV and Excel exports"))
    wanted = verb.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--to", metavar="DIR", help=_("folder of the tables"))
    draft = _("write a mapping to correct, and no tables")
    wanted.add_argument("--draft", metavar="XLSX", help=draft)
    mapping = _("yaml or a corrected draft: which file becomes which table")
    verb.add_argument("--mapping", metavar="FILE", help=mapping)
    verb.add_argument("--profile", default="base", help=_("name in params/ or a yaml file"))
    verb.set_defaults(run=ingest)


def _add_erase(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--source", required=True, metavar="DIR", help=_("folder of the tables"))
    asked = verb.add_mutually_exclusive_group(required=True)
    asked.add_argument("--as-of", metavar="DATE", help=_("retention counts back from this day"))
    asked.add_argument("--contact", metavar="ID", help=_("everything of one contact, by its id"))
    verb.add_argument("--profile", default="base", help=_("name in params/ or a yaml file"))
    verb.add_argument("--yes", action="store_true", help=_("do it; without it only counts"))
    verb.set_defaults(run=erase)


def _add_check(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--source", required=True, help=_("folder, DuckDB file or connection"))
    verb.add_argument("--html", metavar="FILE", help=_("write the same as a page to print or send"))
    verb.add_argument("--as-of", metavar="DATE", help=_("day of the report; none: the last date"))
    verb.add_argument("--profile", default="base", help=_("name in params/ or a yaml file"))
    verb.set_defaults(run=check)


def _add_report(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("notebooks", nargs="*", metavar="NOTEBOOK", help=_("names or paths; none: every analysis"))
    regions = _("regions or groups, after the notebooks; all: the company; none: every region, all")
    add("--region", nargs="+", action="extend", metavar="R", help=regions)
    add("--as-of", metavar="DATE", help=_("last known day; none: the last date in the source"))
    add("--source", default="data/demo", help=_("folder, DuckDB file or connection"))
    add("--profile", default="base", help=_("name in params/ or a yaml file"))
    add("--to", default="reports", help=_("folder of the packs"))
    add("--jobs", type=int, help=_("processes; none: as the profile says"))
    add(
        "--pack",
        metavar="NAME",
        help=_("the pack's folder; none: the date; weekly, daily: packs of params"),
    )
    add("--scheduler", metavar="ADDRESS", help=_("a Dask cluster to run them on"))
    add("--no-resume", dest="resume", action="store_false", help=_("run what is there already too"))
    stale = _("run on a stale or half-loaded source; every page says so")
    add("--accept-stale", action="store_true", help=stale)
    partial = _("make the pack the latest one although reports failed or are lacking")
    add("--publish-partial", action="store_true", help=partial)
    add("--log", metavar="FILE", help=_("a line of JSON an event, for a scheduler"))
    verb.set_defaults(run=report)
