"""困难问题与调度会: what a unit cannot solve alone, who answers, what a meeting decides."""
