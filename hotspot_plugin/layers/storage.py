"""Where a file lies: on a disk of the machine, on a share of the network, in a folder that a service copies."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from qgis.PyQt.QtCore import QStorageInfo

#: File systems of the network; what is mounted by FUSE from elsewhere behaves alike.
_NETWORK = re.compile(
    r"(?i)^(cifs|smb\w*|smbfs|nfs\d*|afs|afpfs|ncpfs|9p|webdav|davfs\w*|ceph|lustre|glusterfs|gpfs|beegfs|vboxsf|vmhgfs"
    r"|prl_fs|drvfs|virtiofs"
    r"|fuse\.(?!(ext|ntfs|exfat|zfs|btrfs|bindfs|encfs|gocryptfs|cryfs|fuse-overlayfs|snapfuse)).+)$")
#: Folders whose content a service copies elsewhere while it is written.
_CLOUDS = ("OneDrive", "Dropbox", "Google Drive", "GoogleDrive", "My Drive", "iCloud Drive", "iCloudDrive",
           "Mobile Documents", "Nextcloud", "ownCloud", "Box", "Box Sync", "SynologyDrive", "pCloudDrive", "MEGA",
           "Seafile", "Syncthing")
_REMOTE_DRIVE = 4  # DRIVE_REMOTE of Windows


@dataclass(frozen=True)
class Storage:
    """What holds a file.

    Attributes
    ----------
    system : str
        Name of the file system.
    network : bool
    cloud : str
        Name of the service that copies the folder, "" for none.
    free : int or None
        Bytes that the user may still write; None where it cannot be told.
    readonly : bool
    """

    system: str
    network: bool
    cloud: str
    free: int | None
    readonly: bool


def of(path: str | Path) -> Storage:
    """Return what holds a file or, where it does not exist yet, the nearest folder above it."""
    place = Path(os.path.abspath(path))
    while not place.exists() and place != place.parent:
        place = place.parent
    info = QStorageInfo(str(place))
    system = bytes(info.fileSystemType()).decode("utf-8", "replace")
    valid = info.isValid() and info.isReady()
    return Storage(system, is_network(system) or _is_remote(os.path.abspath(path)), cloud(path),
                   info.bytesAvailable() if valid and info.bytesAvailable() >= 0 else None,
                   bool(valid and info.isReadOnly()))


def is_network(system: str) -> bool:
    """Whether a file system of this name is one of the network."""
    return bool(_NETWORK.match(system))


def cloud(path: str | Path) -> str:
    """Return the name of the service that copies the file's folder, "" for none."""
    for part in re.split(r"[\\/]+", str(path))[:-1]:
        for name in _CLOUDS:
            if part.lower() == name.lower() or part.lower().startswith((f"{name.lower()} - ", f"{name.lower()} (")):
                return name
    return ""


def _is_remote(path: str) -> bool:
    """Whether Windows says that a path is on another machine."""
    if path.startswith(("\\\\", "//")):
        return not path.startswith(("\\\\?\\", "\\\\.\\")) or path.upper().startswith("\\\\?\\UNC\\")
    if sys.platform != "win32":
        return False
    import ctypes

    return ctypes.windll.kernel32.GetDriveTypeW(os.path.splitdrive(path)[0] + "\\") == _REMOTE_DRIVE
