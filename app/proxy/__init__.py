"""The Proxy e-santé: an ASGI server without a screen."""
