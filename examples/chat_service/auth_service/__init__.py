"""The auth service: tokens over HTTP."""
