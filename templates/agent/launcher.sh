#!/bin/sh
# Runs a command of the agent: serve, ping, dial-stdio. Written by tsmachine; provisioning replaces it.
command=$1
shift
exec {{node}} --max-old-space-size=192 {{agent}} "$command" --config /etc/tsmachine/agent.json "$@"
