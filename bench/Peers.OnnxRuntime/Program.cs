using Lamina.Bench.Peers;

// ONNX Runtime's inference of the model, written as ONNX first. The only argument is a PeerRequest.
return PeerLoop.Serve(args[0], request => new OnnxWork(request));
