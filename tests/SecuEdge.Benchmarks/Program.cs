using BenchmarkDotNet.Running;
using SecuEdge.Benchmarks;

// dotnet run -c Release --project tests/SecuEdge.Benchmarks -- --filter '*Anatomy*'
// tests/load/tree
if (args is ["tree", .. var arguments])
{
    await TreeMeasurement.RunAsync(arguments);
    return;
}

if (args is ["usage", var folder])
{
    await UsageMeasurement.RunAsync(folder);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(TreeMeasurement).Assembly).Run(args);
