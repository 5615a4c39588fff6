// The test file of the antivirus industry, so that the engine can be tried out.

rule Eicar_Test_File
{
  meta:
    author = "SecuEdge"
    description = "The EICAR test file: harmless, found by every engine"
    severity = "malware"
    date = "2026-11-23"
  strings:
    // As an expression, so that this file is not the test file itself.
    $eicar = /X5O!P%@AP\[4\\PZX54\(P\^\)7CC\)7\}\$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!\$H\+H\*/
  condition:
    $eicar in (0..64)
}
