using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/SecuEdge.Benchmarks -- --filter '*Anatomy*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
