// Programs that use the server.

/**
 * @param {any} model
 * @param {string} root the address of the server, with a slash at its end
 * @param {boolean} needsKey
 * @returns {[string, string][]} languages and programs
 */
export function snippets(model, root, needsKey) {
  const address = `${root}v2/models/${model.name}/infer`;
  return model.acceptsImages ? images(address, needsKey) : tensors(model, address, needsKey);
}

function images(address, needsKey) {
  return [
    ["curl", `curl --data-binary @image.jpg -H "Inference-Header-Content-Length: 0"${curlKey(needsKey)} \\
  ${address}`],
    ["Python", `import json, urllib.request

request = urllib.request.Request(
    "${address}",
    data=open("image.jpg", "rb").read(),
    headers={"Inference-Header-Content-Length": "0"${pythonKey(needsKey)}},
)
answer = json.load(urllib.request.urlopen(request))
print(answer["outputs"][0]["data"])`],
    ["C#", `using System.Text.Json.Nodes;

using var client = new HttpClient();
using var image = new ByteArrayContent(File.ReadAllBytes("image.jpg"));
image.Headers.Add("Inference-Header-Content-Length", "0");
${csharpKey(needsKey)}using HttpResponseMessage response = await client.PostAsync("${address}", image);
var answer = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
Console.WriteLine(answer!["outputs"]![0]!["data"]);`],
  ];
}

function tensors(model, address, needsKey) {
  const count = model.inputShape.reduce((product, size) => product * size, 1);
  const shape = [1, ...model.inputShape].join(", ");
  return [
    ["curl", `curl${curlKey(needsKey)} ${address.replace(/\/infer$/, "")}`],
    ["Python", `import json, urllib.request

tensor = {"name": ${JSON.stringify(model.input)}, "shape": [${shape}], "datatype": "FP32", "data": [0.0] * ${count}}
request = urllib.request.Request(
    "${address}",
    data=json.dumps({"inputs": [tensor]}).encode(),
    headers={"Content-Type": "application/json"${pythonKey(needsKey)}},
)
answer = json.load(urllib.request.urlopen(request))
print(answer["outputs"][0]["data"])`],
    ["C#", `using System.Text.Json.Nodes;

using var client = new HttpClient();
${csharpKey(needsKey)}var tensor = new JsonObject
{
    ["name"] = ${JSON.stringify(model.input)},
    ["shape"] = new JsonArray(${shape}),
    ["datatype"] = "FP32",
    ["data"] = new JsonArray([.. new float[${count}].Select(v => JsonValue.Create(v))]),
};
using var content = new StringContent(new JsonObject { ["inputs"] = new JsonArray(tensor) }.ToJsonString());
using HttpResponseMessage response = await client.PostAsync("${address}", content);
var answer = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
Console.WriteLine(answer!["outputs"]![0]!["data"]);`],
  ];
}

const curlKey = needsKey => (needsKey ? ' -H "X-API-Key: KEY"' : "");
const pythonKey = needsKey => (needsKey ? ', "X-API-Key": "KEY"' : "");
const csharpKey = needsKey => (needsKey ? 'client.DefaultRequestHeaders.Add("X-API-Key", "KEY");\n' : "");
