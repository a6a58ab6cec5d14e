global using Lamina.Torch.Cpu;
global using Lamina.Torch.Kernels;
