# Completion and prompt of tmachine for PowerShell. In $PROFILE: tmachine completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'tmachine' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # Each word begins with =, because Windows PowerShell would drop an empty one.
    $words = @()
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += '=' + $element.Value
        } else {
            $words += '=' + $element.Extent.Text
        }
    }
    $words += '=' + $wordToComplete
    foreach ($line in (& @tmachine@ __complete powershell $words 2>$null)) {
        $value, $summary = $line -split "`t", 2
        if ($summary) {
            New-Object System.Management.Automation.CompletionResult $value, $value, 'ParameterValue', $summary
        }
    }
}

# The machine this shell works with: function prompt { "PS $PWD$(Get-DockerMachinePrompt)> " }
function Get-DockerMachinePrompt {
    param([string] $Format = ' [{0}]')
    if ($Env:DOCKER_MACHINE_NAME) { $Format -f $Env:DOCKER_MACHINE_NAME }
}
