
# The recycle bin is the shell's. FOF_ALLOWUNDO asks for it, FOF_WANTNUKEWARNING lets the
# shell ask the user before it deletes for good where there is none; FOF_NOCONFIRMATION and
# FOF_SILENT spare all other questions. Disks without a bin are refused before.
Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
public static class DedupidxShell {
    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    struct Operation {
        public IntPtr Window; public uint Function; public string From; public string To;
        public ushort Flags; public bool Aborted; public IntPtr Names; public string Title;
    }
    [DllImport("shell32.dll", CharSet = CharSet.Unicode)]
    static extern int SHFileOperationW(ref Operation operation);
    public static bool Recycle(string file) {
        var o = new Operation { Function = 3, From = file + "\0", Flags = 0x40 | 0x10 | 0x4 | 0x4000 };
        return SHFileOperationW(ref o) == 0 && !o.Aborted;
    }
}
'@

function Test-Bin([string]$File) {
    if ([Environment]::OSVersion.Platform -ne 'Win32NT' -or [IntPtr]::Size -ne 8 -or -not [Environment]::UserInteractive) { return $false }
    try { return (New-Object IO.DriveInfo ([IO.Path]::GetPathRoot($File))).DriveType -eq 'Fixed' } catch { return $false }
}

function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    if (-not (Test-Bin $File)) { Leave 'there is no recycle bin for it: move it instead' $File; return }
    if ($Yes) {
        $ok = $false
        try { $ok = [DedupidxShell]::Recycle($File) -and -not [IO.File]::Exists($File) } catch { $ok = $false }
        if (-not $ok) { Leave 'it cannot be put into the recycle bin' $File; return }
    }
    Tell 'put into the recycle bin' $File
}
