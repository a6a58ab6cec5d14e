"""Measures PyTorch on the network, sizes and precisions of `gpu-checks speed`: images/s, eager and compiled."""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.backends.cudnn.benchmark = True


def walkthrough():
    """The walkthrough at 224: ReLU before batch normalization, 'same' padding of the first convolution."""

    def block(inputs, outputs, kernel, stride, padding, pools):
        layers = [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU()]
        if pools:
            layers += [nn.BatchNorm2d(outputs, 1e-3, 0.01), nn.MaxPool2d(3, 2)]
        return layers

    return nn.Sequential(
        nn.ZeroPad2d((3, 4, 3, 4)),
        *block(3, 96, 11, 4, 0, True),
        *block(96, 256, 5, 1, 2, True),
        *block(256, 384, 3, 1, 1, False),
        *block(384, 384, 3, 1, 1, False),
        *block(384, 256, 3, 1, 1, True),
        nn.Flatten(),
        nn.Linear(9216, 4096),
        nn.ReLU(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    )


def seconds(step, duration=0.8):
    for _ in range(4):
        step()
    torch.cuda.synchronize()
    times, end = [], time.perf_counter() + duration
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(5):
            step()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / 5)
    return sorted(times)[len(times) // 2]


def images(batch, dtype=torch.float32):
    x = torch.randn(batch, 3, 224, 224, device="cuda", dtype=dtype)
    return x.to(memory_format=torch.channels_last)


def train(batch, mode):
    net = walkthrough().cuda().to(memory_format=torch.channels_last).train()
    x, y = images(batch), torch.randint(0, 1000, (batch,), device="cuda")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9, fused=True)

    def forward(x, y):
        with torch.autocast("cuda", torch.bfloat16):
            return F.cross_entropy(net(x), y)

    forward = torch.compile(forward, mode=mode) if mode else forward

    def step():
        optimizer.zero_grad(set_to_none=True)
        forward(x, y).backward()
        optimizer.step()

    return batch / seconds(step)


def infer(batch, mode):
    net = walkthrough().cuda().to(memory_format=torch.channels_last, dtype=torch.bfloat16).eval()
    x = images(batch, torch.bfloat16)
    forward = torch.compile(net, mode=mode) if mode else net

    def step():
        with torch.inference_mode():
            forward(x)

    return batch / seconds(step)


def main():
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}", flush=True)
    for work, batches, modes in ((train, (1024, 128), (None, "default")), (infer, (1024, 32, 1), (None, "reduce-overhead"))):
        for batch in batches:
            for mode in modes:
                try:
                    rate = f"{work(batch, mode):,.0f} images/s"
                except Exception as error:
                    rate = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"
                print(f"{work.__name__}, bfloat16, batch {batch}, {mode or 'eager'}: {rate}", flush=True)
                torch._dynamo.reset()
                torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
