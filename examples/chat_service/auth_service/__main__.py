"""Runs the auth service: `python -m auth_service`."""

import threading

from auth_service.service import AuthService

with AuthService() as service:
    service.start()
    print("the auth service is at {}:{}".format(*service.address))
    threading.Event().wait()
