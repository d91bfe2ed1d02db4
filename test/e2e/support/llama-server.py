"""llama.cpp's own server with the model file that is named, in so many tokens of context, until it is ended. Prints where it listens."""

import signal
import sys

import xllamacpp

settings = xllamacpp.CommonParams()
settings.model.path = sys.argv[1]
settings.model_alias = {"tiny"}
settings.n_ctx = int(sys.argv[2])
settings.n_parallel = 1
settings.hostnames = ["127.0.0.1"]
settings.port = 0
settings.use_jinja = True
settings.cpuparams.n_threads = 2
settings.sampling.temp = 0
server = xllamacpp.Server(settings)
print("listens on", server.listening_address, flush=True)
signal.pause()
