#!/bin/sh
# Runs a command inside a root folder: sh enter_root.sh ROOT COMMAND..., in a mount namespace of its
# own (unshare --mount), so that the mounts end with the process. Called by install.py.
set -e
root=$1
shift
mount --make-rprivate /
for folder in proc dev sys; do mount --rbind "/$folder" "$root/$folder"; done
exec chroot "$root" "$@"
