using System.Reflection;

namespace Lamina.Serving.Tests.Protocol;

/// <summary>
/// What the protocol's text says, sentence by sentence in our words, and the test that shows it. Sentences that only introduce others,
/// or examples, are left out.
/// </summary>
public sealed class ProtocolSentences
{
    private const string Rest = nameof(RestProtocolTests);
    private const string Grpc = nameof(GrpcTests);
    private const string GrpcText = nameof(GrpcProtocolTests);
    private const string Several = nameof(SeveralTensorsTests);
    private const string Binary = nameof(BinaryDataTests);

    public static TheoryData<string, string, string> Sentences =>
        new()
        {
            // REST
            {
                "health",
                "live: the server answers metadata and inference requests",
                $"{Rest}.The_server_is_live_but_not_ready_while_a_model_loads"
            },
            { "health", "ready: all models are ready", $"{Rest}.The_server_is_live_but_not_ready_while_a_model_loads" },
            {
                "health",
                "the answers are objects with live, or ready, and a model's name",
                $"{Rest}.Health_is_told_by_the_status_and_by_the_body"
            },
            {
                "health",
                "model ready: the name and optionally the version are in the address",
                $"{Rest}.Health_is_told_by_the_status_and_by_the_body"
            },
            {
                "addresses",
                "a version in the address is optional; the server then chooses",
                $"{nameof(RepositoryTests)}.A_repository_serves_the_highest_versions_and_new_ones_after_a_load"
            },
            {
                "server metadata",
                "200 with name, version and extensions",
                $"{Rest}.The_server_metadata_has_a_name_a_version_and_the_extensions"
            },
            {
                "model metadata",
                "200 with name, versions, platform, inputs and outputs",
                $"{Rest}.The_model_metadata_describes_inputs_and_outputs"
            },
            {
                "model metadata",
                "a tensor has name, datatype and shape; -1 is a variable dimension",
                $"{Rest}.The_model_metadata_describes_inputs_and_outputs"
            },
            { "model metadata", "all inputs and outputs are described", $"{Several}.Metadata_describes_every_tensor" },
            {
                "errors",
                "a failure has an HTTP error status and an object with the message",
                $"{Rest}.What_is_not_there_is_404_with_an_error_object"
            },
            {
                "platforms",
                "a platform is PROJECT_FORMAT",
                $"{GrpcText}.The_metadata_of_a_model_has_its_name_platform_and_tensors"
            },
            {
                "inference",
                "the body is an object with inputs; the other members are optional",
                $"{Rest}.A_malformed_request_is_400_with_an_error_that_says_what"
            },
            { "inference", "members have no order", $"{Rest}.Members_come_in_any_order_and_unknown_ones_are_ignored" },
            {
                "inference",
                "an id that is given is returned",
                $"{Rest}.An_inference_returns_all_outputs_and_repeats_the_id"
            },
            {
                "inference",
                "without outputs all are returned",
                $"{Several}.The_outputs_that_are_named_are_returned_and_all_if_none_is"
            },
            {
                "inference",
                "of a batch, shape and data are the whole batch's",
                $"{Rest}.An_inference_returns_all_outputs_and_repeats_the_id"
            },
            {
                "inference",
                "200 with the model's name and version and the outputs",
                $"{Rest}.An_inference_returns_all_outputs_and_repeats_the_id"
            },
            {
                "inference",
                "a failure has an HTTP error status and an object with the message",
                $"{Rest}.A_malformed_request_is_400_with_an_error_that_says_what"
            },
            {
                "parameters",
                "values are strings, numbers or booleans, of the request, an input or an output",
                $"{Several}.Parameters_are_strings_numbers_and_booleans_and_unknown_ones_are_ignored_everywhere"
            },
            { "tensor data", "row-major, nested or flat", $"{Rest}.Tensor_data_is_nested_or_flat" },
            { "tensor data", "an unexpected value is coerced or an error", $"{Rest}.Tensor_data_is_nested_or_flat" },
            {
                "tensor data",
                "FP16 and BF16 have no form in JSON",
                $"{Rest}.A_malformed_request_is_400_with_an_error_that_says_what"
            },
            { "data types", "names and sizes", $"{Binary}.Other_floating_point_types_are_converted" },
            { "data types", "BYTES have lengths of their own", $"{nameof(ImageTests)}.Malformed_BYTES_are_400" },
            {
                "binary data",
                "follows the object in the order of the tensors",
                $"{Several}.Binary_data_follows_the_JSON_object_in_the_order_of_the_tensors"
            },
            // gRPC
            {
                "gRPC service",
                "the calls, messages, fields and their numbers",
                $"{GrpcText}.The_fields_of_the_protocol_have_its_numbers_and_types"
            },
            {
                "gRPC errors",
                "the status tells success or failure, of every call",
                $"{GrpcText}.A_malformed_message_is_INVALID_ARGUMENT_in_every_call"
            },
            { "gRPC errors", "the status tells what is not there", $"{Grpc}.What_is_not_there_is_NOT_FOUND" },
            {
                "gRPC errors",
                "the status tells what the server failed at",
                $"{Grpc}.A_failing_model_is_INTERNAL_and_a_full_queue_UNAVAILABLE"
            },
            {
                "ServerLive",
                "true if the server can receive and answer requests",
                $"{GrpcText}.The_server_is_live_but_not_ready_while_a_model_loads"
            },
            {
                "ServerReady",
                "true if the server is ready for inference",
                $"{GrpcText}.The_server_is_live_but_not_ready_while_a_model_loads"
            },
            { "ModelReady", "by name, and version if one is given", $"{Grpc}.Health_and_metadata_are_those_of_REST" },
            { "ServerMetadata", "name, version, extensions", $"{Grpc}.Health_and_metadata_are_those_of_REST" },
            {
                "ModelMetadata",
                "name, versions, platform, inputs, outputs",
                $"{GrpcText}.The_metadata_of_a_model_has_its_name_platform_and_tensors"
            },
            {
                "ModelInfer",
                "without a version the server chooses",
                $"{GrpcText}.An_id_and_a_version_are_returned_and_only_if_there_is_an_id"
            },
            {
                "ModelInfer",
                "an id that is given is returned",
                $"{GrpcText}.An_id_and_a_version_are_returned_and_only_if_there_is_an_id"
            },
            {
                "ModelInfer",
                "without outputs all are returned",
                $"{GrpcText}.Outputs_are_all_by_default_or_those_that_are_named"
            },
            {
                "ModelInfer",
                "contents must not be given beside raw data, for any input",
                $"{Grpc}.Raw_contents_exclude_typed_ones"
            },
            {
                "ModelInfer",
                "raw data has an entry for each tensor, in the order of the inputs",
                $"{Several}.Raw_contents_of_gRPC_are_in_the_order_of_the_tensors"
            },
            {
                "ModelInfer",
                "the size of raw data matches the shape and type",
                $"{GrpcText}.The_size_of_raw_contents_must_match_the_shape_and_type"
            },
            {
                "ModelInfer",
                "raw data is row-major without padding, and so is the answer's",
                $"{GrpcText}.Raw_contents_follow_the_order_of_the_inputs_and_outputs"
            },
            { "ModelInfer", "FP16 and BF16 must be raw", $"{GrpcText}.Sixteen_bit_types_are_raw_or_refused" },
            {
                "ModelInfer",
                "an answer has raw data or contents, never both",
                $"{Grpc}.Typed_contents_go_in_and_come_out_if_asked_for"
            },
            {
                "InferParameter",
                "a boolean, a number, or a string",
                $"{GrpcText}.Parameters_are_booleans_numbers_or_strings_and_unknown_ones_are_ignored"
            },
            {
                "InferTensorContents",
                "a field for each type, which must be the tensor's",
                $"{GrpcText}.Contents_must_be_of_the_tensors_own_type"
            },
            {
                "InferTensorContents",
                "the number of values matches the shape",
                $"{GrpcText}.The_size_of_typed_contents_must_match_the_shape"
            },
            { "InferTensorContents", "BYTES are elements", $"{Grpc}.Images_go_in_and_classifications_come_out" },
            {
                "data types",
                "types that the model lacks are refused",
                $"{GrpcText}.A_type_of_the_protocol_that_the_model_lacks_is_refused_by_name"
            },
        };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_sentence_has_a_test(string part, string sentence, string test)
    {
        string[] names = test.Split('.');
        MethodInfo? method = Assembly
            .GetExecutingAssembly()
            .GetTypes()
            .Single(t => t.Name == names[0])
            .GetMethod(names[1]);
        Assert.True(
            method?.GetCustomAttributes().Any(a => a is FactAttribute) == true,
            $"{part}: '{sentence}' names {test}, which is not a test."
        );
    }
}
