<#
.SYNOPSIS
    Installe Pléiade sur ce poste Windows, ou la met à jour.

.DESCRIPTION
    Crée un environnement Python dans le dossier du programme (.venv), y installe les paquets
    verrouillés (versions et empreintes vérifiées), puis pose un raccourci dans le menu Démarrer.
    Ne demande pas de droits d'administrateur et ne touche jamais aux données du cabinet, qui sont
    dans %LOCALAPPDATA%\Pleiade. Peut être relancé : ne refait que ce qui manque, et répare une
    installation interrompue.

.PARAMETER Python
    Chemin d'un python.exe 3.11 ou plus récent. Par défaut : celui du lanceur « py ».

.PARAMETER InstallerPython
    Installe Python 3.11 avec winget s'il manque.

.PARAMETER Demo
    Lance la démonstration à la fin.

.PARAMETER SansRaccourci
    Ne pose pas de raccourci.

.PARAMETER Desinstaller
    Retire le raccourci et l'environnement Python. Les données du cabinet restent.

.EXAMPLE
    powershell -ExecutionPolicy Bypass -File packaging\windows\installer.ps1 -Demo
#>
[CmdletBinding()]
param(
    [string]$Python = '',
    [switch]$InstallerPython,
    [switch]$Demo,
    [switch]$SansRaccourci,
    [switch]$Desinstaller
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# This file is UTF-8 with a byte order mark: Windows PowerShell 5.1 would read accents as ANSI.
try { [Console]::OutputEncoding = [System.Text.Encoding]::UTF8 } catch { Write-Verbose 'no console' }

$Racine = (Resolve-Path (Join-Path $PSScriptRoot '..\..')).Path
$Venv = Join-Path $Racine '.venv'
$PythonVenv = Join-Path $Venv 'Scripts\python.exe'
$Empreinte = Join-Path $Venv 'empreinte'
$Raccourci = Join-Path ([Environment]::GetFolderPath('Programs')) 'Pléiade.lnk'

function Invoke-Programme {
    # Runs a program; stops when it fails (PowerShell doesn't by itself).
    param([string]$Fichier, [string[]]$Arguments)
    & $Fichier @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "Échec (code $LASTEXITCODE) : $Fichier $($Arguments -join ' ')"
    }
}

function Test-Python {
    # True when this program is a Python of 64 bits, 3.11 or newer. No double quote in the code:
    # PowerShell 5.1 loses them on the way to a program.
    param([string]$Fichier, [string[]]$Prefixe = @())
    if (-not (Get-Command $Fichier -ErrorAction SilentlyContinue)) { return $false }
    $essai = 'import sys, struct; sys.exit(sys.version_info < (3, 11) or struct.calcsize(''P'') < 8)'
    # The stub of the Microsoft Store writes on the error stream: not an error for us.
    $ErrorActionPreference = 'Continue'
    & $Fichier @Prefixe -c $essai 2>$null | Out-Null
    return ($LASTEXITCODE -eq 0)
}

function Find-Python {
    # Gives the program and its first arguments, or nothing.
    if ($Python) {
        if (Test-Python $Python) { return , @($Python) }
        throw "« $Python » n'est pas un Python 64 bits 3.11 ou plus récent."
    }
    foreach ($version in '-3.11', '-3.12', '-3.13') {
        if (Test-Python 'py' @($version)) { return , @('py', $version) }
    }
    if (Test-Python 'python') { return , @('python') }
    return $null
}

function Remove-Dossier {
    param([string]$Dossier)
    if (Test-Path -LiteralPath $Dossier) { Remove-Item -LiteralPath $Dossier -Recurse -Force }
}

function New-Raccourci {
    $shell = New-Object -ComObject WScript.Shell
    $lien = $shell.CreateShortcut($Raccourci)
    # pythonw: no black window behind ours.
    $lien.TargetPath = Join-Path $Venv 'Scripts\pythonw.exe'
    $lien.Arguments = '-m app'
    $lien.WorkingDirectory = $Racine
    $lien.IconLocation = Join-Path $PSScriptRoot 'pleiade.ico'
    $lien.Description = 'Logiciel de gestion de cabinet'
    $lien.Save()
}

function Get-Empreinte {
    # What the environment is made of: changes when the lists, this script or Python change.
    $fichiers = @('requirements\runtime.txt', 'packaging\construction.txt',
                  'packaging\windows\installer.ps1')
    $sommes = $fichiers | ForEach-Object {
        (Get-FileHash -Algorithm SHA256 -LiteralPath (Join-Path $Racine $_)).Hash
    }
    $version = & $PythonVenv -V
    return (@($sommes) + $version + $Racine) -join '|'
}

if ($Desinstaller) {
    if (Test-Path -LiteralPath $Raccourci) { Remove-Item -LiteralPath $Raccourci -Force }
    Remove-Dossier $Venv
    Write-Host "Pléiade est retirée. Les données du cabinet restent dans $env:LOCALAPPDATA\Pleiade."
    exit 0
}

# --- Python ------------------------------------------------------------------------------
$trouve = Find-Python
if (-not $trouve -and $InstallerPython) {
    Write-Host 'Installation de Python 3.11…'
    Invoke-Programme 'winget' @('install', '--exact', '--id', 'Python.Python.3.11', '--scope', 'user',
        '--accept-package-agreements', '--accept-source-agreements')
    $installe = Join-Path $env:LOCALAPPDATA 'Programs\Python\Python311\python.exe'
    if (Test-Python $installe) { $trouve = @($installe) } else { $trouve = Find-Python }
}
if (-not $trouve) {
    Write-Host "Python 3.11 (64 bits) est nécessaire. Relancez avec -InstallerPython, ou installez-le
depuis python.org en cochant « Add python.exe to PATH »." -ForegroundColor Yellow
    exit 1
}

# --- environment -------------------------------------------------------------------------
$sain = $false
if (Test-Path -LiteralPath $PythonVenv) {
    # Absent, half made, or made for a Python that is gone.
    $ErrorActionPreference = 'Continue'
    & $PythonVenv -m pip --version *> $null
    $sain = ($LASTEXITCODE -eq 0)
    $ErrorActionPreference = 'Stop'
}
if (-not $sain) {
    Remove-Dossier $Venv
    Write-Host 'Création de l’environnement Python…'
    $programme = $trouve[0]
    $debut = @($trouve | Select-Object -Skip 1)
    Invoke-Programme $programme ($debut + @('-m', 'venv', $Venv))
}

# --- locked packages ---------------------------------------------------------------------
$voulue = Get-Empreinte
$actuelle = ''
if (Test-Path -LiteralPath $Empreinte) { $actuelle = (Get-Content -Raw -LiteralPath $Empreinte).Trim() }
if ($actuelle -ne $voulue) {
    if (Test-Path -LiteralPath $Empreinte) { Remove-Item -LiteralPath $Empreinte -Force }
    Write-Host 'Installation des paquets verrouillés…'
    $pip = @('-m', 'pip', '--disable-pip-version-check', '-q', 'install', '--require-hashes')
    Invoke-Programme $PythonVenv ($pip + @('-r', (Join-Path $Racine 'packaging\construction.txt')))
    # Wheels only: nothing is compiled on a workstation.
    Invoke-Programme $PythonVenv ($pip + @('--only-binary', ':all:', '-r',
        (Join-Path $Racine 'requirements\runtime.txt')))
    $site = & $PythonVenv -c 'import sysconfig; print(sysconfig.get_paths()[''purelib''])'
    # UTF-8 without a mark, as Python reads it.
    $sansMarque = New-Object System.Text.UTF8Encoding($false)
    [IO.File]::WriteAllText((Join-Path $site 'pleiade.pth'), "$Racine`r`n", $sansMarque)
    $lanceur = "@echo off`r`n`"%~dp0python.exe`" -X utf8 -m app %*`r`n"
    [IO.File]::WriteAllText((Join-Path $Venv 'Scripts\pleiade.cmd'), $lanceur, $sansMarque)
    Invoke-Programme $PythonVenv @('-m', 'compileall', '-q', (Join-Path $Racine 'app'))
    [IO.File]::WriteAllText($Empreinte, $voulue, $sansMarque)
}

if (-not $SansRaccourci) { New-Raccourci }
Write-Host "Prêt : $(Join-Path $Venv 'Scripts\pleiade.cmd')"

if ($Demo) { Invoke-Programme $PythonVenv @('-X', 'utf8', '-m', 'app', 'demo') }
