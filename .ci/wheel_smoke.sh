#!/bin/sh
# Build the wheel, install it in an empty environment far from the source, and let a customer book an appointment
# there: what a user gets must work without the checkout. Prints one line, or says what went wrong.
set -eu
cd "$(dirname "$0")/.."
python="$PWD/.venv/bin/python"
uv="$PWD/.venv/bin/uv"
scratch=$(mktemp -d /tmp/fdw.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

if [ -x "$uv" ]; then
    "$uv" build --quiet --wheel --out-dir "$scratch/dist" .
    "$uv" venv --quiet --python "$python" "$scratch/env"
    "$uv" pip install --quiet --python "$scratch/env/bin/python" "$scratch"/dist/*.whl
else
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$scratch/dist" .
    "$python" -m venv "$scratch/env"
    "$scratch/env/bin/python" -m pip install --quiet "$scratch"/dist/*.whl
fi
frontdesk="$scratch/env/bin/frontdesk"
cd "$scratch"

"$frontdesk" --help >help.txt || { echo "frontdesk --help failed"; exit 1; }
grep -q "appointments" help.txt || { echo "frontdesk --help names no appointments:"; cat help.txt; exit 1; }

"$frontdesk" check >check.txt 2>&1 || { echo "frontdesk check finds fault with what comes along:"; cat check.txt; exit 1; }
"$scratch/env/bin/python" - <<'PAGE' || { echo "the chat page is not whole"; exit 1; }
from runtime.web.chat_page import TEXTS
from runtime.web.pages import FOLDER
from runtime.web.static_files import FILES
assert "site-packages" in str(FOLDER), FOLDER
assert {"chat.js", "chat.css", "bell.svg"} <= FILES.names.keys() and {"de", "en"} <= TEXTS.keys()
assert all((FOLDER / name).is_file() for name in ("page.html", "index.html"))
PAGE

printf '%s\n' "I'd like a men's haircut with Jonas on Wednesday at 15:00" 'Jane Miller' '+49 30 5550100' 'yes' >said.txt
"$frontdesk" chat --language en --now 2026-11-20T10:00 --data "$scratch/d" <said.txt >answers.txt 2>log.txt ||
    { echo "frontdesk chat failed:"; cat answers.txt log.txt; exit 1; }
"$frontdesk" appointments --json --data "$scratch/d" >appointments.json 2>>log.txt
"$python" - <<'CHECK' || { cat answers.txt log.txt appointments.json; exit 1; }
import json
booked = [one for one in json.load(open("appointments.json")) if one["status"] == "booked"]
assert len(booked) == 1, f"one appointment was wanted, {len(booked)} are there"
assert booked[0]["start"].startswith("2026-11-25T15:00"), booked
CHECK
echo "The wheel works on its own: one customer, one appointment."
