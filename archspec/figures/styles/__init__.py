"""The styles of figures, a file each: ``scene(result, size)`` lays a network out as a scene."""
