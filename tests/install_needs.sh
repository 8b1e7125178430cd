#!/bin/sh
# What the tests need from the system: Chromium, a CJK font, LibreOffice Calc, pdftoppm, Node.js with npm.
# Installed through apt where they are missing and it may; otherwise one clear line.
set -eu
missing=""
{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 || missing="$missing chromium"
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-calc-nogui"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
command -v pdftoppm >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ] || missing="$missing fontconfig fonts-wqy-zenhei"
[ -n "$missing" ] || exit 0
say="the tests need these Debian packages:$missing"
command -v apt-get >/dev/null 2>&1 || { echo "$say (install their like on this system, then make test again)"; exit 1; }
if [ "$(id -u)" = 0 ]; then sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo -n"
else echo "$say; run: sudo apt-get install$missing"; exit 1; fi
echo "installing through apt:$missing …"
log=$(mktemp)
run() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; }
if ! { run update && run install -y --no-install-recommends $missing; }; then
  tail -n 20 "$log"
  echo "apt could not install them; run: apt-get install$missing"
  exit 1
fi
rm -f "$log"
