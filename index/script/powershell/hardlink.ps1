
# The calls of the system themselves: they take every name as it is, and the second
# one replaces a file in one step.
Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
public static class DedupidxDisk {
    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern bool CreateHardLinkW(string made, string existing, IntPtr none);
    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern bool MoveFileExW(string from, string to, uint flags); // 1: replaces what is there
}
'@

function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    if (-not (Test-Equal $File $Stay)) { Leave 'its bytes are not those of the file to stay' $File; return }
    if ($Yes) {
        $new = Join-Path ([IO.Path]::GetDirectoryName($File)) ('.dedupidx-' + $Id)
        $ok = $false
        try {
            if ([IO.File]::Exists($new)) { [IO.File]::Delete($new) } # of a run that was ended
            $ok = [DedupidxDisk]::CreateHardLinkW($new, $Stay, [IntPtr]::Zero) -and [DedupidxDisk]::MoveFileExW($new, $File, 1)
        } catch { $ok = $false }
        if (-not $ok) {
            if ([IO.File]::Exists($new)) { [IO.File]::Delete($new) }
            Leave 'it cannot be made a hard link (same disk? does the file system do that?)' $File
            return
        }
    }
    Tell 'made a hard link' $File
}
