package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// tree writes files below a folder that stands for "/".
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadCgroups(t *testing.T) {
	const self, top = "proc/self/cgroup", "sys/fs/cgroup/"
	tests := []struct {
		name  string
		files map[string]string
		want  cgroupLimits
	}{
		{"no cgroups", nil, cgroupLimits{}},
		{"v2, no limit", map[string]string{
			self: "0::/user.slice", top + "user.slice/cpu.max": "max 100000", top + "user.slice/memory.max": "max",
		}, cgroupLimits{}},
		{"v2 in a container with its own namespace", map[string]string{
			self: "0::/", top + "cpu.max": "150000 100000", top + "memory.max": "1073741824",
			top + "memory.current": "700", top + "memory.stat": "anon 100\ninactive_file 300\nactive_file 300",
		}, cgroupLimits{cpu: 1.5, memory: 1 << 30, used: 400}},
		{"v2, a parent is tighter", map[string]string{
			self:                   "0::/a/b/c",
			top + "a/cpu.max":      "50000 100000",
			top + "a/b/c/cpu.max":  "400000 100000",
			top + "a/b/memory.max": "2000", top + "a/b/c/memory.max": "max", top + "a/memory.max": "3000",
		}, cgroupLimits{cpu: 0.5, memory: 2000}},
		{"v2, a larger parent has less left", map[string]string{
			self:                 "0::/a/b",
			top + "a/memory.max": "3000", top + "a/memory.current": "2900",
			top + "a/b/memory.max": "2000", top + "a/b/memory.current": "100",
		}, cgroupLimits{memory: 3000, used: 2900}},
		{"v2, outside the namespace", map[string]string{
			self: "0::/../../other", top + "cpu.max": "200000 100000",
		}, cgroupLimits{cpu: 2}},
		{"v1", map[string]string{
			self: "4:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n1:name=systemd:/docker/ab",
			top + "cpu,cpuacct/docker/ab/cpu.cfs_quota_us":  "250000",
			top + "cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000",
			top + "memory/docker/ab/memory.limit_in_bytes":  "536870912",
			top + "memory/docker/ab/memory.usage_in_bytes":  "1000",
			top + "memory/docker/ab/memory.stat":            "inactive_file 1\ntotal_inactive_file 400",
			top + "memory/memory.limit_in_bytes":            "9223372036854771712",
			top + "cpu,cpuacct/cpu.cfs_quota_us":            "-1",
			top + "cpu,cpuacct/cpu.cfs_period_us":           "100000",
		}, cgroupLimits{cpu: 2.5, memory: 512 << 20, used: 600}},
		{"v1, own folder mounted as the top", map[string]string{
			self:                         "3:memory:/docker/ab\n2:cpuacct,cpu:/docker/ab",
			top + "cpu/cpu.cfs_quota_us": "100000", top + "cpu/cpu.cfs_period_us": "50000",
			top + "memory/memory.limit_in_bytes": "4096",
		}, cgroupLimits{cpu: 2, memory: 4096}},
		{"v1, no limit", map[string]string{
			self:                         "3:memory:/\n2:cpu:/",
			top + "cpu/cpu.cfs_quota_us": "-1", top + "cpu/cpu.cfs_period_us": "100000",
			top + "memory/memory.limit_in_bytes": "9223372036854771712",
		}, cgroupLimits{}},
		{"v1 and v2 at once", map[string]string{
			self:                                   "4:memory:/m\n0::/u",
			top + "memory/m/memory.limit_in_bytes": "4096", top + "unified/u/cpu.max": "300000 100000",
		}, cgroupLimits{cpu: 3, memory: 4096}},
		{"a path with a colon", map[string]string{
			self: "0::/a:b", top + "a:b/cpu.max": "100000 100000",
		}, cgroupLimits{cpu: 1}},
		{"nonsense", map[string]string{
			self:            "x\n::\n0::relative\n7:memory:/../..\n",
			top + "cpu.max": "-5 0", top + "memory.max": "lots", top + "relative/cpu.max": "1e5 100000",
			top + "memory/memory.limit_in_bytes": "99999999999999999999999",
		}, cgroupLimits{}},
		{"used beyond the limit", map[string]string{
			self: "0::/", top + "memory.max": "1000", top + "memory.current": "5000", top + "memory.stat": "inactive_file x",
		}, cgroupLimits{memory: 1000, used: 1000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readCgroups(tree(t, tt.files))
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestReadCgroupsSaysWhatItCannotRead(t *testing.T) {
	root := tree(t, map[string]string{"proc/self/cgroup/is-a-folder": ""})
	if _, err := readCgroups(root); err == nil {
		t.Error("no error")
	}
}

// A limit beyond what there is limits nothing, and is not told as one.
func TestLimitsBeyondTheMachine(t *testing.T) {
	m := Machine{LogicalCores: 4, TotalMemory: 1000, FreeMemory: 500}
	m.apply(cgroupLimits{cpu: 4, memory: 1000, used: 900})
	if m.CPULimit != 0 || m.MemoryLimit != 0 || m.Free() != 500 {
		t.Errorf("%+v", m)
	}
	m.apply(cgroupLimits{cpu: 1.2, memory: 800, used: 700})
	if m.Cores() != 2 || m.Free() != 100 {
		t.Errorf("%+v: %d cores, %d free", m, m.Cores(), m.Free())
	}
}

// What is read lies in memory: a daemon that dies of one file dies of it again.
func TestLargestFile(t *testing.T) {
	for _, c := range []struct {
		m    Machine
		want int64
	}{
		{Machine{}, 0}, // unknown
		{Machine{TotalMemory: 100 << 20}, 256 << 20},
		{Machine{TotalMemory: 970 << 20}, 256 << 20},
		{Machine{TotalMemory: 3800 << 20}, 1 << 30},
		{Machine{TotalMemory: 7700 << 20}, 2 << 30},
		{Machine{TotalMemory: 12 << 30}, 0}, // the default
		{Machine{TotalMemory: 64 << 30}, 0},
		{Machine{TotalMemory: 64 << 30, MemoryLimit: 2 << 30}, 512 << 20},
	} {
		if got := c.m.LargestFile(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.m, got, c.want)
		}
	}
}

func TestDetect(t *testing.T) {
	m, err := Detect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if m.Platform != runtime.GOOS || m.LogicalCores < 1 || m.Cores() < 1 || m.Cores() > m.LogicalCores {
		t.Errorf("cores: %+v", m)
	}
	if m.TotalMemory == 0 || m.Free() == 0 || m.Free() > m.TotalMemory {
		t.Errorf("memory: %+v", m)
	}
	t.Logf("%+v", m)
}
