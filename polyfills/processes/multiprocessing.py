"""The module `_multiprocessing` of a platform without processes.

It has nothing in it: no semaphores between processes, no handles to pass on. It exists because
multiprocessing.connection imports it whatever is used of it, and so do multiprocessing.dummy and
multiprocessing.pool.ThreadPool, which are threads and work. Starting a process and the
synchronisation primitives of multiprocessing raise ImportError or OSError that say what is missing.
"""
