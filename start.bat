@echo off
rem Opens insights in JupyterLab, preparing it the first time. Options go to JupyterLab.
setlocal DisableDelayedExpansion
title insights
pushd "%~dp0" || goto nofolder
if not exist "src\insights\lab\__main__.py" goto zipped
set "PYTHONHOME="
set "PYTHONPATH=%CD%\src"

set "BASE="
if defined CONDA_EXE for %%D in ("%CONDA_EXE%\..\..") do if exist "%%~fD\Scripts\conda.exe" if exist "%%~fD\python.exe" set "BASE=%%~fD"
for %%R in ("%USERPROFILE%" "%LOCALAPPDATA%" "%ProgramData%" "C:" "D:") do for %%N in (anaconda3 miniconda3 miniforge3) do if not defined BASE if exist "%%~R\%%N\Scripts\conda.exe" if exist "%%~R\%%N\python.exe" set "BASE=%%~R\%%N"
if defined BASE goto conda

set "PY="
for %%V in (3.11 3.12 3.13) do if not defined PY py -%%V -c "" >nul 2>nul && set "PY=py -%%V"
if not defined PY python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >nul 2>nul && set "PY=python"
if not defined PY goto nopython
%PY% -m insights.lab %*
goto ended

:conda
"%BASE%\python.exe" -m insights.lab --conda "%BASE%\Scripts\conda.exe" %*
goto ended

:nofolder
echo insights cannot start: this folder cannot be opened. Copy it to a drive of this computer, then start again.
goto stay

:zipped
echo insights cannot start: its files are not beside start.bat. If you opened a zip file, choose "Extract all" first, then start from the extracted folder.
goto stay

:nopython
echo insights cannot start: neither Anaconda nor Python 3.11, 3.12 or 3.13 was found.
echo Install Python 3.12 from https://www.python.org/downloads/ (or Anaconda), then start again.
goto stay

:ended
if "%ERRORLEVEL%"=="0" goto leave

:stay
echo.
pause

:leave
popd
endlocal
