
function Step([string]$File, [long]$Size, [long]$Ticks, [string]$Stay, [long]$StaySize, [long]$StayTicks) {
    if ((Test-Sound $File $Size $Ticks $Stay $StaySize $StayTicks) -ne $true) { return }
    if ($Yes) {
        try {
            Add-Type -AssemblyName Microsoft.VisualBasic
            [Microsoft.VisualBasic.FileIO.FileSystem]::DeleteFile($File, 'OnlyErrorDialogs', 'SendToRecycleBin', 'ThrowException')
        } catch { Leave 'it cannot be put into the recycle bin' $File; return }
    }
    Tell 'put into the recycle bin' $File
}
