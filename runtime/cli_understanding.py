"""The command `frontdesk understand`: JSON lines in, JSON lines out.

Part of the composition root, as `cli.py` is, and like it loads what a command needs only when the command runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.errors import BadRequest, ConfigurationError
from runtime.settings import CONFIGS

if TYPE_CHECKING:
    from runtime.core.business import Desk


def understand_parser(parser: argparse.ArgumentParser) -> None:
    """`frontdesk understand`."""
    parser.description = "Say what texts mean: one JSON object a line in, one a line out, each answered at once."
    parser.epilog = (
        'In: {"text", "reference", "language", "timezone", "expecting", "offers"}, only text is needed; expecting is a '
        "slot (start, phone), a kind of slot (datetime), offer or confirm; offers are ISO times or objects with id and "
        'values. Out: {"language", "commands", "dates": [{"text", "kind", "grain", "values"}], '
        '"durations": [{"text", "seconds"}], "stage", "ms"}, by rules alone; the likeliest value stands first. '
        'The language may be "en-US", where 5/12 is in May. '
        'A line that cannot be read is answered with {"error"}, and the command ends with 2.'
    )
    parser.add_argument("--tenant-file", type=Path, metavar="FILE", help="a business's YAML file (default: the demo)")
    parser.set_defaults(handler=_understand)


async def _understand(options: argparse.Namespace) -> int:
    from runtime.understanding.cascade import OfflineRules
    from runtime.understood import Desks, understood_line

    desks, rules, code = Desks(_desk(options.tenant_file or CONFIGS / "demo" / "studio.yaml")), OfflineRules(), 0
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", errors="replace").strip()
        if not text:
            continue
        try:
            answer = await understood_line(text, desks, rules, datetime.now(UTC))
        except BadRequest as error:
            answer, code = json.dumps({"error": str(error)}, ensure_ascii=False), 2
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    return code


def _desk(path: Path) -> Desk:
    from runtime.app import action_kinds
    from runtime.desks import desk_of
    from runtime.flow_files import read_flows, sound
    from runtime.tenants import read_tenant

    try:
        file = read_tenant(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    files = sound(read_flows(CONFIGS / "flows", action_kinds()))
    flows = {name: file.flow for name, file in files.items() if file.flow is not None}
    return desk_of(file.raw, flows, {flow.hash: flow for flow in flows.values()}, "active", 1)
