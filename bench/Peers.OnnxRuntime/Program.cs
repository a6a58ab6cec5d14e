using Lamina.Bench.Peers;

// ONNX Runtime's inference of the model, written as ONNX first. The only argument is a PeerRequest.
var request = PeerRequest.FromJson(args[0]);
if (request.Kind == OnnxFile.Kind)
{
    OnnxFile.Write(request);
    return 0;
}
return PeerLoop.Serve(args[0], r => new OnnxWork(r));
