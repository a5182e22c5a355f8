"""Tells everybody who asks over HTTP from which address: python3 whoami.py PORT"""
import http.server
import socket
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.client_address[0].removeprefix('::ffff:').encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6  # and IPv4


Server(('::', int(sys.argv[1])), Answer).serve_forever()
