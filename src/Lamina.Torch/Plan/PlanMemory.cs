namespace Lamina.Torch;

/// <summary>
/// Simulates the actions of a plan and counts the bytes of its tensors, as <see cref="LiveStorage"/> counts them when
/// it runs on a CPU. Does not load the engine.
/// </summary>
internal sealed class PlanMemory
{
    private readonly PlanProgram _program;
    private readonly int _batch;
    private readonly Block?[] _values;
    private readonly Block?[] _gradients;
    private readonly long[] _kept;
    private long _now;

    private PlanMemory(PlanProgram program, int batch)
    {
        (_program, _batch) = (program, batch);
        _values = new Block?[program.Graph.Nodes.Count];
        _gradients = new Block?[program.Graph.Nodes.Count];
        _kept = new long[program.Steps.Length];
    }

    private bool KeepsInputs { get; init; }

    private Func<Weight, bool, long> UpdateBytes { get; init; } = (_, _) => 0;

    private long Activations { get; set; }

    private long Workspace { get; set; }

    private long Peak { get; set; }

    private string PeakAt { get; set; } = "";

    /// <summary>Computes the memory of a step.</summary>
    /// <param name="program">The program of the plan.</param>
    /// <param name="batch">The number of samples per step.</param>
    /// <param name="slots">The number of tensors that the optimizer keeps for each trained weight.</param>
    /// <param name="updateBytes">
    /// Returns the bytes that an update of a weight uses beside them; the second argument is <see langword="true"/> for
    /// kernels of convolutions. Default: none.
    /// </param>
    public static MemoryUse Of(
        PlanProgram program,
        int batch,
        int slots = 0,
        Func<Weight, bool, long>? updateBytes = null
    )
    {
        Weight[] weights =
        [
            .. program.Graph.Nodes.Select(n => n.Op).OfType<ParameterOp>().Select(p => p.Weight).Distinct(),
        ];
        long all = Bytes(weights);
        long trained = program.Training ? Bytes(weights.Where(w => w.IsTrained)) : 0;
        long copies = program.Training
            ? Bytes(weights.Where(w => !w.Trainable))
            : program.Steps.Sum(s => s.Kernel.PackedBytes(batch));
        var memory = new PlanMemory(program, batch) { UpdateBytes = updateBytes ?? ((_, _) => 0) };
        memory.Walk();
        long standing = all + copies + (slots * trained);
        return new MemoryUse
        {
            BatchSize = batch,
            Weights = all + copies,
            Gradients = trained,
            OptimizerState = slots * trained,
            Activations = memory.Activations,
            Workspace = memory.Workspace,
            Peak = standing + memory.Peak,
            PeakAt = memory.PeakAt,
        };
    }

    /// <summary>Computes the bytes that a forward pass needs beside its inputs, which the caller keeps.</summary>
    /// <param name="program">A program without weights.</param>
    public static long BesideInputs(PlanProgram program)
    {
        var memory = new PlanMemory(program, batch: 1) { KeepsInputs = true };
        memory.Walk();
        return memory.Peak - program.Graph.Inputs.Sum(i => SymbolBytes.Of(program.Graph.Nodes[i].Output, 1));
    }

    private static long Bytes(IEnumerable<Weight> weights) => weights.Sum(w => w.Count) * sizeof(float);

    private void Walk()
    {
        foreach (int input in _program.Graph.Inputs)
        {
            Block block = Make(_program.Graph.Nodes[input].Output);
            _values[input] = KeepsInputs ? block.Share() : block;
        }
        Reach(0, "the batch");
        foreach (PlanAction action in _program.Actions)
        {
            switch (action.Kind)
            {
                case PlanActionKind.Deliver:
                    Deliver(action);
                    break;
                case PlanActionKind.Backward:
                    Backward(action);
                    break;
                default:
                    Forward(action);
                    break;
            }
        }
    }

    private void Forward(PlanAction action)
    {
        PlanStep step = _program.Steps[action.Step];
        long before = _now;
        Block output =
            step.Overwrites || step.Kernel.SharesInput(_program.Training)
                ? _values[step.Inputs[0]]?.Share() ?? new Block(0)
                : Make(step.Kernel.Node.Output);
        if (_program.Training)
        {
            Change(step.Kernel.KeptBytes(_batch) - _kept[action.Step]);
            _kept[action.Step] = step.Kernel.KeptBytes(_batch);
        }
        Made(before, step.Kernel.ForwardWorkspace(_batch, _program.Training), step, "forward");
        if (action.DropsOutput)
        {
            Drop(output);
        }
        else
        {
            Drop(_values[step.Slot]);
            _values[step.Slot] = output;
        }
        if (action.Release)
        {
            Release(action.Step);
        }
        Free(action.Free);
    }

    // The loss holds the targets until it has computed their gradients.
    private void Deliver(PlanAction action)
    {
        if (!_program.Training)
        {
            Free(action.Free);
            return;
        }
        List<Block> given = [.. _program.Graph.Targets.Select(t => _values[t]?.Share() ?? new Block(0))];
        Free(action.Free);
        long before = _now;
        foreach (int target in _program.Graph.Targets[_program.Graph.Seeds])
        {
            _gradients[target] = Make(_program.Graph.Nodes[target].Output);
        }
        long seeds = _now - before;
        Reach(0, "the loss");
        given.ForEach(Drop);
        Activations = _now - seeds;
    }

    private void Backward(PlanAction action)
    {
        PlanStep step = _program.Steps[action.Step];
        Block? gradient = _gradients[step.Slot];
        _gradients[step.Slot] = null;
        if (gradient is not null && _program.Graph.NeedsGradient[step.Slot])
        {
            Block?[] results = MakeGradients(step, gradient);
            Drop(gradient);
            for (int i = 0; i < results.Length; i++)
            {
                Accumulate(step.Inputs[i], results[i], step);
            }
        }
        else
        {
            Drop(gradient);
        }
        Release(action.Step);
        Free(action.Free);
        foreach (int slot in step.FinishedParameters)
        {
            long workspace =
                _gradients[slot] is not null && _program.Graph.Nodes[slot].Op is ParameterOp { Weight: { } weight }
                    ? UpdateBytes(weight, _program.Graph.IsKernel[slot])
                    : 0;
            Workspace = Math.Max(Workspace, workspace);
            Reach(workspace, $"update of {_program.Graph.Nodes[slot].Layer?.Name ?? Name(step)}");
            Drop(_gradients[slot]);
            _gradients[slot] = null;
        }
    }

    private Block?[] MakeGradients(PlanStep step, Block gradient)
    {
        long before = _now;
        int inPlace = step.Kernel.GradientInPlace(step.Wanted);
        var results = new Block?[step.Inputs.Length];
        for (int i = 0; i < results.Length; i++)
        {
            if (step.Wanted[i])
            {
                results[i] = i == inPlace ? gradient.Share() : Make(step.Kernel.Node.Inputs[i]);
            }
        }
        Made(before, step.Kernel.BackwardWorkspace(_batch, step.Wanted), step, "backward");
        return results;
    }

    private void Accumulate(int slot, Block? gradient, PlanStep step)
    {
        if (gradient is null)
        {
            return;
        }
        if (_gradients[slot] is not { } before)
        {
            _gradients[slot] = gradient;
            return;
        }
        _gradients[slot] = Make(_program.Graph.Nodes[slot].Output);
        Reach(0, $"backward of {Name(step)}");
        Drop(before);
        Drop(gradient);
    }

    private void Made(long before, long workspace, PlanStep step, string part)
    {
        Workspace = Math.Max(Workspace, _now + workspace - before);
        Reach(workspace, $"{part} of {Name(step)}");
    }

    private void Reach(long beyond, string when)
    {
        if (_now + beyond > Peak)
        {
            Peak = _now + beyond;
            PeakAt = when;
        }
    }

    private void Release(int step)
    {
        Change(-_kept[step]);
        _kept[step] = 0;
    }

    private void Free(int[] slots)
    {
        foreach (int slot in slots)
        {
            Drop(_values[slot]);
            _values[slot] = null;
        }
    }

    private Block Make(Symbol symbol)
    {
        var block = new Block(SymbolBytes.Of(symbol, _batch));
        Change(block.Bytes);
        return block;
    }

    private void Drop(Block? block)
    {
        if (block is not null && block.Drop())
        {
            Change(-block.Bytes);
        }
    }

    private void Change(long bytes) => _now += bytes;

    private static string Name(PlanStep step) => step.Kernel.Node.Layer?.Name ?? step.Kernel.Node.Op.Name;

    /// <summary>A piece of memory that several values can share.</summary>
    private sealed class Block(long bytes)
    {
        private int _owners = 1;

        public long Bytes => bytes;

        public Block Share()
        {
            _owners++;
            return this;
        }

        /// <summary>Returns <see langword="true"/> if this was the last owner.</summary>
        public bool Drop() => --_owners == 0;
    }
}
