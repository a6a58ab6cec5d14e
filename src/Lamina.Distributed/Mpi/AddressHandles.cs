namespace Lamina.Distributed.Mpi;

/// <summary>The calls of Open MPI and of the standard ABI, whose handles are addresses.</summary>
internal sealed unsafe class AddressHandles : MpiCalls
{
    private readonly nint _world;
    private readonly nint _byte;
    private readonly nint _errorsReturn;
    private readonly void* _inPlace;
    private readonly void* _ignore;
    private readonly delegate* unmanaged<nint, int*, int> _rank;
    private readonly delegate* unmanaged<nint, int*, int> _size;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<nint, nint*, int> _barrier;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, nint*, int> _gather;
    private readonly delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int> _exchange;
    private readonly delegate* unmanaged<nint*, int*, void*, int> _test;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private nint _request;

    /// <param name="library">The library.</param>
    /// <param name="handles">The values of the handles and special addresses.</param>
    public AddressHandles(MpiLibrary library, MpiHandles handles)
    {
        (_world, _byte, _errorsReturn) = (handles.World, handles.Byte, handles.ErrorsReturn);
        _inPlace = (void*)handles.InPlace;
        _ignore = (void*)handles.StatusIgnore;
        _rank = (delegate* unmanaged<nint, int*, int>)library.Function("MPI_Comm_rank");
        _size = (delegate* unmanaged<nint, int*, int>)library.Function("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)library.Function("MPI_Comm_set_errhandler");
        _barrier = (delegate* unmanaged<nint, nint*, int>)library.Function("MPI_Ibarrier");
        _broadcast = (delegate* unmanaged<void*, int, nint, int, nint, nint*, int>)library.Function("MPI_Ibcast");
        _gather = (delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, nint*, int>)
            library.Function("MPI_Iallgatherv");
        _exchange = (delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int>)
            library.Function("MPI_Ialltoallv");
        _test = (delegate* unmanaged<nint*, int*, void*, int>)library.Function("MPI_Test");
        _abort = (delegate* unmanaged<nint, int, int>)library.Function("MPI_Abort");
    }

    public override int Rank
    {
        get
        {
            int rank;
            return _rank(_world, &rank) == 0 ? rank : -1;
        }
    }

    public override int Size
    {
        get
        {
            int size;
            return _size(_world, &size) == 0 ? size : -1;
        }
    }

    public override int ReturnErrors() => _setErrorHandler(_world, _errorsReturn);

    public override int BeginBarrier()
    {
        _request = 0;
        fixed (nint* request = &_request)
        {
            return _barrier(_world, request);
        }
    }

    public override int BeginBroadcast(void* bytes, int count, int root)
    {
        _request = 0;
        fixed (nint* request = &_request)
        {
            return _broadcast(bytes, count, _byte, root, _world, request);
        }
    }

    public override int BeginGather(void* own, int count, void* all, int* counts, int* places)
    {
        _request = 0;
        fixed (nint* request = &_request)
        {
            return _gather(own is null ? _inPlace : own, count, _byte, all, counts, places, _byte, _world, request);
        }
    }

    public override int BeginExchange(
        void* sent,
        int* sentCounts,
        int* sentPlaces,
        void* received,
        int* receivedCounts,
        int* receivedPlaces
    )
    {
        _request = 0;
        fixed (nint* request = &_request)
        {
            return _exchange(
                sent,
                sentCounts,
                sentPlaces,
                _byte,
                received,
                receivedCounts,
                receivedPlaces,
                _byte,
                _world,
                request
            );
        }
    }

    public override int Test(out bool done)
    {
        int flag = 0;
        fixed (nint* request = &_request)
        {
            int code = _test(request, &flag, _ignore);
            done = flag != 0;
            return code;
        }
    }

    public override int Abort(int exitCode) => _abort(_world, exitCode);
}
