#!/bin/sh
# Runs a command of the agent: serve, ping, dial-stdio. Written by tsmachine; provisioning replaces it.
command=$1
shift
# What Node has compiled is kept beside the agent and goes with it: a start takes a quarter less.
export NODE_COMPILE_CACHE={{agent}}.compiled
# A small young generation: the agent mostly passes bytes on, and a large one only keeps them (-30 MB after 300 MB). And an old
# one that may be garbage for two thirds: it is collected whenever the agent comes to rest, and buffers count for it, so that
# with Node's own limit a pull took a third of its time to mark a small heap again and again.
exec {{node}} --max-old-space-size=512 --max-semi-space-size=1 --heap-growing-percent=200 {{agent}} "$command" --config /etc/tsmachine/agent.json "$@"
