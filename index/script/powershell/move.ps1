
# Below the folder, a drive is a folder of its letter.
function Get-New([string]$File) { Join-Path $To ($File -replace '^([A-Za-z]):', '$1' -replace '^\\\\', '').TrimStart('\', '/') }

function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    $new = Get-New $File
    if (-not [IO.File]::Exists($File) -and -not (Test-Same $new $Size $Ticks)) { Write-Output ('moved already: ' + (Show $File)); return }
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    if ([IO.File]::Exists($new) -or [IO.Directory]::Exists($new)) { Leave 'something is at its new place' $File; return }
    if ($Yes) {
        try {
            [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($new))
            [IO.File]::Move($File, $new) # never over another file
        } catch { Leave 'it cannot be moved' $File; return }
    }
    Tell 'moved' $File
}

function Back([string]$File, [long]$Size, [long]$Ticks) {
    $new = Get-New $File
    $why = Test-Same $new $Size $Ticks
    if ($why) {
        if (Test-Same $File $Size $Ticks) { Leave ('at its new place, ' + $why) $File } else { Write-Output ('is where it was: ' + (Show $File)) }
        return
    }
    if ([IO.File]::Exists($File) -or [IO.Directory]::Exists($File)) { Leave 'something is at its old place' $File; return }
    if ($Yes) {
        try {
            [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($File))
            [IO.File]::Move($new, $File)
        } catch { Leave 'it cannot be moved back' $File; return }
    }
    Tell 'moved back' $File
}
