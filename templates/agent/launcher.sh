#!/bin/sh
# Runs a command of the agent: serve, ping, dial-stdio. Written by tsmachine; provisioning replaces it.
command=$1
shift
# What Node has compiled is kept beside the agent and goes with it: a start takes a quarter less.
export NODE_COMPILE_CACHE={{agent}}.compiled
# A small young generation: the agent mostly passes bytes on, and a large one only keeps them (-30 MB after 300 MB).
exec {{node}} --max-old-space-size=192 --max-semi-space-size=1 {{agent}} "$command" --config /etc/tsmachine/agent.json "$@"
