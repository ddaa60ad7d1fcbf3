"""Every address. Names are those of the role table in tests/house."""

from django.urls import path

from duban.web import session

urlpatterns = [
    path("", session.home, name="home"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("password/", session.password, name="password"),
]
