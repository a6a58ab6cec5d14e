"""Runs tutorial.ipynb cell by cell in dotnet-interactive, as a notebook's editor does, and stores what the cells print.

    dotnet build -c Release src/Lamina.Cli && dotnet tool restore
    python3 samples/Notebook/run.py
"""
import json
import os
import subprocess

folder = os.path.dirname(os.path.abspath(__file__))
path = os.path.join(folder, "tutorial.ipynb")
notebook = json.load(open(path))
kernel = subprocess.Popen(
    ["dotnet", "tool", "run", "dotnet-interactive", "stdio", "--default-kernel", "csharp"],
    cwd=folder,
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
    env=dict(os.environ, DOTNET_ROLL_FORWARD="Major"),
)


def lines(text):
    return text.splitlines(keepends=True)


def submit(token, code):
    command = {"token": token, "commandType": "SubmitCode", "command": {"code": code, "targetKernelName": "csharp"}}
    kernel.stdin.write(json.dumps(command) + "\n")
    kernel.stdin.flush()
    outputs = []
    for line in kernel.stdout:
        event = json.loads(line)
        if (event.get("command") or {}).get("token") != token:
            continue
        kind, data = event["eventType"], event["event"]
        if kind == "StandardOutputValueProduced":
            text = data["formattedValues"][0]["value"]
            if outputs and outputs[-1]["output_type"] == "stream":
                outputs[-1]["text"] += text
            else:
                outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        elif kind in ("DisplayedValueProduced", "ReturnValueProduced"):
            value = data["formattedValues"][0]
            outputs.append({"output_type": "display_data", "metadata": {}, "data": {value["mimeType"]: lines(value["value"])}})
        elif kind == "CommandFailed":
            raise SystemExit(f"{code}\n{data['message']}")
        elif kind == "CommandSucceeded":
            break
    for output in outputs:
        if output["output_type"] == "stream":
            output["text"] = lines(output["text"])
    return outputs


order = 0
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        order += 1
        cell["outputs"] = submit(f"cell{order}", "".join(cell["source"]))
        cell["execution_count"] = order
kernel.kill()
with open(path, "w") as file:
    json.dump(notebook, file, indent=1, ensure_ascii=False)
    file.write("\n")
