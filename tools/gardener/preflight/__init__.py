"""Can the tests run here? Checks of engine, disk, build contexts, images, ports and services."""
