
function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    if (-not (Test-Equal $File $Stay)) { Leave 'its bytes are not those of the file to stay' $File; return }
    if ($Yes) {
        $new = Join-Path ([IO.Path]::GetDirectoryName($File)) ('.dedupidx-' + $Id)
        try {
            if ([IO.File]::Exists($new)) { [IO.File]::Delete($new) } # of a run that was ended
            [void](New-Item -ItemType HardLink -Path $new -Target ([Management.Automation.WildcardPattern]::Escape($Stay)))
            [IO.File]::Replace($new, $File, $null)
        } catch {
            if ([IO.File]::Exists($new)) { [IO.File]::Delete($new) }
            Leave 'it cannot be made a hard link (same disk? does the file system do that?)' $File
            return
        }
    }
    Tell 'made a hard link' $File
}
