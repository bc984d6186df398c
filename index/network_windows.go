package index

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// networkFileSystem says "network" for a folder on a share, else "".
func networkFileSystem(folder string) string {
	volume, err := windows.UTF16PtrFromString(filepath.VolumeName(folder) + `\`)
	if err != nil || windows.GetDriveType(volume) != windows.DRIVE_REMOTE {
		return ""
	}
	return "network"
}
