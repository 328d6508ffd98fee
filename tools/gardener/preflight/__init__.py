"""Can the tests run here? Checks of engine, disk, build contexts, images, ports and services.

In reading order:

    asked and answered    question, checks
    what a focus needs    interpolate, compose, stack
    the host              engine, disk, images, ports, services
    what is built         dockerfile_text, ignore, listing, context, builds
    set right             mend
"""
