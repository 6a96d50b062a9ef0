#!/usr/bin/python3
"""HTTP on both families; answers come a second after they were asked for,
but one."""
import http.server
import socket
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/ready":
            time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_CONNECT(self):
        """A proxy that stands for every host."""
        self.send_response(200)
        self.end_headers()
        self.close_connection = False

    def log_message(self, *_):
        pass


class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


four = http.server.ThreadingHTTPServer(("10.77.0.2", 80), Handler)
six = Server6(("fd77::2", 80), Handler)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("10.77.0.2", 9))
threading.Thread(target=four.serve_forever, daemon=True).start()
six.serve_forever()
