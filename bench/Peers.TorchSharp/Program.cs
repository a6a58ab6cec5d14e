using Lamina.Bench.Peers;

// TorchSharp as its documentation's examples use it. The only argument is a PeerRequest.
return PeerLoop.Serve(
    args[0],
    request =>
    {
        TorchSharpLibrary.Load();
        return request.Kind == PeerRequest.Train ? new TorchSharpTraining(request) : new TorchSharpInference(request);
    }
);
