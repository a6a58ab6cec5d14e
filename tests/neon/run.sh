#!/usr/bin/env bash
# Runs the tests of vectors as NEON's instructions, on x64 by qemu's emulator. Needs the .NET SDK, and as root installs from Debian
# what else is missing: the emulator and ARM's C library. Takes about two minutes.
set -euo pipefail
cd "$(dirname "$0")"
libraries=/usr/aarch64-linux-gnu
if ! command -v qemu-aarch64 >/dev/null || [ ! -e $libraries/lib/libstdc++.so.6 ]; then
  apt-get install -y --no-install-recommends qemu-user libc6-arm64-cross libstdc++6-arm64-cross
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet publish NeonTests -c Release -r linux-arm64 --self-contained -o "$out" -v quiet
QEMU_LD_PREFIX=$libraries qemu-aarch64 "$out/Lamina.Torch.Tests"
