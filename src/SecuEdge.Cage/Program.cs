using SecuEdge.Cage.Jobs;

// The caged process: started by the gateway, never by hand.
return AllCageJobs.Create().Count == 0 ? 2 : 0;
