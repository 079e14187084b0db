"""Plain Python that knows no Django and no app: time and coordinates."""
