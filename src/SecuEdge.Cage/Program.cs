using System.Text.Json;
using SecuEdge.Cage.Protocol;
using SecuEdge.Cage.Sandbox;

// The caged process: started by the gateway, never by hand.
if (args.Length != 2 || JsonSerializer.Deserialize(args[1], CageJson.Default.WorkerSettings) is not { } settings)
{
    Console.Error.WriteLine("secuedge-cage is started by secuedge and has no use of its own.");
    return 2;
}

return args[0] switch
{
    FirstStage.Word => FirstStage.Run(settings),
    SecondStage.Word => SecondStage.Run(settings),
    _ => 2,
};
