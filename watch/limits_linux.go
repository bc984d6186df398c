// Limits of inotify, and file systems that do not tell of all changes.

package watch

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// fileBudget is 0: on Linux a folder costs a watch, and a file nothing.
const fileBudget = 0

// silentTypes are file systems whose files may be changed from elsewhere:
// network, cluster and user-space file systems, by statfs(2)'s f_type. What is
// changed through this machine is told, and so they are watched as well.
var silentTypes = map[uint32]string{
	0x6969:     "nfs",
	0x517b:     "smb",
	0xff534d42: "cifs",
	0xfe534d42: "smb2",
	0x65735546: "fuse",
	0x01021997: "9p",
	0x5346414f: "afs",
	0x6b414653: "afs",
	0x73757245: "coda",
	0x00c36400: "ceph",
	0x564c:     "ncp",
	0x01161970: "gfs2",
	0x7461636f: "ocfs2",
	0x0bd00bd0: "lustre",
	0x786f4256: "vboxsf",
	0x47504653: "gpfs",
	0x19830326: "fhgfs",
}

// silent names the file system of a folder if it does not tell of all changes.
func silent(dir *os.File) string {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return ""
	}
	return silentTypes[uint32(st.Type)]
}

// watchHint says which limit to raise when folders cannot be watched.
func watchHint() []any { return sysctlHint("fs.inotify.max_user_watches") }

// instanceHint says which limit to raise when nothing can be watched.
func instanceHint() []any { return sysctlHint("fs.inotify.max_user_instances") }

// queueHint says which limit to raise when events are dropped.
func queueHint() []any { return sysctlHint("fs.inotify.max_queued_events") }

func sysctlHint(name string) []any {
	now, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(name, ".", "/"))
	if err != nil {
		return []any{"sysctl", name}
	}
	return []any{"sysctl", name, "is", strings.TrimSpace(string(now))}
}
