param([switch]$Yes)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$script:did = 0
$script:left = 0
if (-not $Yes) { Write-Warning 'Dry run: nothing is changed. To act, give -Yes.' }

function Show([string]$Name) { [regex]::Replace($Name, '[\x00-\x1f\x7f-\x9f]', '?') }

function Leave([string]$Why, [string]$File) {
    $script:left++
    Write-Warning ('left alone, ' + $Why + ': ' + (Show $File))
}

function Tell([string]$Words, [string]$File) {
    $script:did++
    if (-not $Yes) { $Words = 'would be ' + $Words }
    Write-Output ($Words + ': ' + (Show $File))
}

# Why a file is not as the index knows it; empty where it is. Time is in ticks of 100 ns.
function Test-Same([string]$File, [long]$Size, [long]$Ticks) {
    $is = New-Object IO.FileInfo $File
    if (-not $is.Exists) { return 'it is gone, or no ordinary file by now' }
    if ($is.Attributes -band [IO.FileAttributes]::ReparsePoint -and $is.LinkType) { return 'it is a link by now' }
    if ($is.Length -ne $Size -or $is.LastWriteTimeUtc.Ticks -ne $Ticks) { return 'it has changed since' }
    return ''
}

# Whether two files hold the same bytes.
function Test-Equal([string]$A, [string]$B) {
    (Get-FileHash -LiteralPath $A -Algorithm SHA256).Hash -eq (Get-FileHash -LiteralPath $B -Algorithm SHA256).Hash
}

# Whether two names lead to one file: while the one is open for nobody else, the other cannot be opened.
function Test-OneFile([string]$A, [string]$B) {
    $open = [IO.File]::Open($A, 'Open', 'Read', 'None')
    try {
        try { [IO.File]::Open($B, 'Open', 'Read', 'None').Dispose() } catch [IO.IOException] { return $true }
        return $false
    } finally { $open.Dispose() }
}

# Checks a file to go and the one to stay, which is read to its end before anything happens.
function Test-Sound([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    $why = Test-Same $File $Size $Ticks
    if ($why) { Leave $why $File; return $false }
    $why = Test-Same $Stay $StaySize $StayTicks
    if ($why) { Leave ('of the file to stay, ' + $why) $File; return $false }
    try {
        if (Test-OneFile $File $Stay) { Leave 'it and the file to stay are one file, or one of them is in use' $File; return $false }
        if ($Yes) { [void](Get-FileHash -LiteralPath $Stay -Algorithm SHA256) }
    } catch { Leave 'the file to stay cannot be read' $File; return $false }
    return $true
}

function Complete {
    if ($Yes) { Write-Output "$($script:did) done, $($script:left) left alone" }
    else { Write-Output "$($script:did) would be done, $($script:left) left alone; nothing was changed" }
    if ($script:left) { exit 3 }
}
