
function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    $script:did++
    Write-Output ('can go: ' + (Show $File))
}
